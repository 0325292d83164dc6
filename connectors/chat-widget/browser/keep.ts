/** What the browser remembers for us. A browser that refuses storage (private windows, strict settings) still has a working chat until the page goes. */
export interface Keep {
  get<T>(name: string): T | undefined;
  set(name: string, value: unknown): void;
  remove(name: string): void;
  /** Calls back when another tab changed something. */
  watch(changed: (name: string) => void): void;
}

/** `place` sets channels and servers apart on one site. */
export function createKeep(place: string, storage: () => Storage = () => localStorage): Keep {
  const memory = new Map<string, string>();
  const key = (name: string): string => `deskbridge:${place}:${name}`;
  const attempt = <T>(action: (store: Storage) => T): T | undefined => {
    try {
      return action(storage());
    } catch {
      return undefined;
    }
  };
  return {
    get<T>(name: string): T | undefined {
      const text = attempt((store) => store.getItem(key(name))) ?? memory.get(name);
      try {
        return text === undefined ? undefined : (JSON.parse(text) as T);
      } catch {
        return undefined;
      }
    },
    set(name, value) {
      const text = JSON.stringify(value);
      memory.set(name, text);
      attempt((store) => store.setItem(key(name), text));
    },
    remove(name) {
      memory.delete(name);
      attempt((store) => store.removeItem(key(name)));
    },
    watch(changed) {
      addEventListener('storage', (event) => {
        if (event.key?.startsWith(key(''))) changed(event.key.slice(key('').length));
      });
    },
  };
}
