import { validate, version } from 'uuid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newId } from './ids.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('ids', () => {
  it('are UUIDs of version 7, all different, and sort as they were made', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('go on growing when the clock steps back', () => {
    vi.useFakeTimers({ now: 2_000_000_000_000 });
    const before = newId();
    vi.setSystemTime(1_999_999_000_000);
    expect(newId() > before).toBe(true);
  });
});
