/** Puts the parts together: state, network and view. */
import type { Api, Config } from './api.ts';
import { saveAs } from './attachments.ts';
import { createComposer } from './composer.ts';
import { createConversation, type Said } from './conversation.ts';
import { createDetails } from './details.ts';
import { createFollower, type StreamLine } from './follow.ts';
import { awayText } from './hours.ts';
import type { Keep } from './keep.ts';
import { createMessageList } from './message-list.ts';
import { createOutbox } from './outbox.ts';
import { createPanel, type Panel } from './panel.ts';
import { createReadMarks } from './read-marks.ts';
import { fitScreen } from './screen.ts';
import { paint } from './theme.ts';
import { transcript, transcriptName } from './transcript.ts';
import { createAgentTyping, createOwnTyping } from './typing.ts';
import css from './widget.css?inline';
import { chooseLanguage, dictionary } from './words.ts';

export interface MountParts {
  readonly config: Config;
  readonly api: Api;
  readonly keep: Keep;
  readonly channel: string;
  /** `data-language` of the script tag. */
  readonly wish: string | undefined;
}

/** A tab that nobody looks at gives its connection back after this time; browsers allow six to a server. */
const hiddenMs = 60_000;

export function mount({ config, api, keep, channel, wish }: MountParts): void {
  const tag = 'deskbridge-chat';
  if (document.querySelector(`${tag}[data-channel="${CSS.escape(channel)}"]`)) return;
  const configured = config.language === 'auto' ? undefined : config.language;
  const language = chooseLanguage([wish, configured, document.documentElement.lang, ...navigator.languages]);
  const words = dictionary[language];

  const conversation = createConversation();
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  const outbox = createOutbox({
    keep,
    async send(message) {
      await api.send(message);
      panel.online(true);
      follower.start();
    },
    changed: () => panel.follow(refresh, false),
    profileRefused: () => details.forget(),
    now: Date.now,
    id: () => crypto.randomUUID?.() ?? randomId(),
    later(ms, action) {
      clearTimeout(retryTimer);
      retryTimer = setTimeout(action, ms);
    },
  });
  const list = createMessageList({ words, language, api, now: Date.now, retry: outbox.retry });
  const details = createDetails(config, words, language, keep, () => composer.focus());
  const ownTyping = createOwnTyping(api.typing, Date.now);
  const composer = createComposer({
    words,
    language,
    api,
    config,
    send(text, files) {
      const profile = details.profile();
      if (!profile) return false;
      outbox.add({ text, files, ...profile });
      ownTyping.sent();
      panel.follow(refresh, true);
      return true;
    },
    typing() {
      // Before the first message there is nobody to tell.
      if (api.known()) ownTyping.keystroke();
    },
  });
  const panel: Panel = createPanel({
    config,
    words,
    list,
    details,
    composer,
    toggled,
    save() {
      const text = transcript(config.title ?? words.title, conversation.items(outbox.entries()), words, language);
      saveAs(transcriptName(Date.now()), new Blob([text], { type: 'text/plain;charset=utf-8' }));
    },
  });
  const agentTyping = createAgentTyping(panel.typing);
  const seen = createReadMarks({ keep, fromOthers: conversation.fromOthers, tell: api.read });
  const follower = createFollower({
    open: (signal) => api.stream(conversation.resumeAfter(), signal),
    line: heard,
    online: (online) => panel.online(online && navigator.onLine),
    unknown: forgotten,
  });
  let settled = false;

  function heard(line: StreamLine): void {
    if (line.type === 'ready') {
      settled = true;
      panel.follow(refresh, true);
      return;
    }
    if (line.type === 'typing') agentTyping.heard(line.agent);
    if (line.type !== 'message') return;
    const { message } = line;
    const isNew = conversation.put(message);
    if (message.client) outbox.seen(message.client);
    // History is drawn once it is whole, not message by message.
    if (!settled) return;
    if (isNew && message.from !== 'contact') agentTyping.over();
    panel.follow(refresh, false);
    if (isNew && message.from !== 'contact') tell(message);
  }

  function tell({ author, text, files }: Said): void {
    panel.announce(`${author}: ${[text, ...files.map(({ name }) => name)].filter(Boolean).join(', ')}`);
  }

  function refresh(): void {
    const items = conversation.items(outbox.entries());
    list.show(items);
    details.show(items.length === 0);
    panel.savable(items.length > 0);
    if (panel.isOpen() && document.visibilityState === 'visible') {
      keep.set('readAt', Math.max(conversation.latest(), keep.get<number>('readAt') ?? 0));
      seen();
    }
    panel.unread(conversation.unread(keep.get<number>('readAt') ?? 0));
  }

  function toggled(open: boolean): void {
    try {
      sessionStorage.setItem(`deskbridge:${channel}:open`, open ? '1' : '');
    } catch {
      // Without storage the panel starts closed on the next page.
    }
    fitted(open);
    refresh();
  }

  /** The visitor was erased, or the server is a new one: what was shown is nobody's any more. */
  function forgotten(): void {
    api.forget();
    conversation.clear();
    refresh();
  }

  const host = document.createElement(tag);
  host.dataset.channel = channel;
  host.lang = language;
  paint(host, config);
  const fitted = fitScreen(host, panel.modal);
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(panel.element);
  document.body.append(host);

  refresh();
  watchHours();
  watchSurroundings();
  if (api.known()) follower.start();
  void outbox.flush();
  try {
    if (sessionStorage.getItem(`deskbridge:${channel}:open`)) panel.open(false);
  } catch {
    // Without storage the panel starts closed.
  }

  function watchHours(): void {
    panel.away(awayText(config.hours, Date.now(), words, language));
    if (config.hours) setTimeout(watchHours, 30_000);
  }

  function watchSurroundings(): void {
    let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(hiddenTimer);
      if (document.visibilityState === 'hidden') hiddenTimer = setTimeout(follower.stop, hiddenMs);
      else {
        if (api.known()) follower.start();
        refresh();
      }
    });
    addEventListener('online', () => {
      follower.nudge();
      void outbox.flush();
      panel.online(true);
    });
    addEventListener('offline', () => panel.online(false));
    keep.watch((name) => {
      // Another tab began the conversation, or read it.
      if (name === 'session' && api.known()) follower.start();
      if (name === 'readAt') refresh();
    });
  }
}

/** `crypto.randomUUID` exists on https only; intranets still use http. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
