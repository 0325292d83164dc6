/** Reads Meta's error bodies: `{ error: { message, type, code, error_subcode, error_data: { details }, fbtrace_id } }`. Cloud API, "Error codes". */
import { z } from 'zod';
import type { Effect, ErrorCode, Retry } from '../../src/kit/index.ts';

const body = z.looseObject({
  error: z.looseObject({
    message: z.string().catch(''),
    code: z.number().optional().catch(undefined),
    error_subcode: z.number().optional().catch(undefined),
    error_data: z
      .looseObject({ details: z.string().optional().catch(undefined) })
      .optional()
      .catch(undefined),
  }),
});

interface Meaning {
  readonly code: ErrorCode;
  readonly retry?: Retry;
  readonly effect?: Effect;
  readonly field?: string;
  /** Said instead of Meta's words, which agents would not understand. */
  readonly words?: string;
}

const refused = (words?: string): Meaning => ({ code: 'refused', retry: 'never', effect: 'none', ...(words && { words }) });
const forbidden: Meaning = { code: 'forbidden', retry: 'never', effect: 'none' };
const unauthorized: Meaning = { code: 'unauthorized', retry: 'never', effect: 'none' };
const slower = (retry: Retry = 'backoff'): Meaning => ({ code: 'rate-limited', retry, effect: 'none' });
/** Meta's own failure: the message may have gone out. */
const broken: Meaning = { code: 'unavailable', retry: 'backoff', effect: 'unclear' };

/** One customer gets about one message in six seconds. */
const pairPauseMs = 6_000;
const spamPauseMs = 15 * 60_000;

const meanings: Readonly<Record<number, Meaning>> = {
  0: unauthorized,
  1: broken,
  2: broken,
  3: forbidden,
  4: slower(),
  10: forbidden,
  190: { ...unauthorized, words: 'the access token has expired or was withdrawn; put a new one into `accessToken`' },
  368: forbidden,
  80007: slower(),
  130429: slower(),
  130472: refused(),
  130497: refused(),
  131000: broken,
  131005: forbidden,
  131016: broken,
  131021: refused('the number to write to is the number of this channel'),
  131026: {
    code: 'not-found',
    retry: 'never',
    effect: 'none',
    words: 'this customer cannot be reached on WhatsApp: no WhatsApp on that number, or a version that is too old',
  },
  131030: refused('the test number may write only to numbers that are on its list in the Meta app'),
  131031: forbidden,
  131037: forbidden,
  131042: { ...forbidden, words: "there is a problem with the WhatsApp account's payment; see the billing pages of Meta Business" },
  131047: refused('more than 24 hours have passed since the customer last wrote; only an approved template can be sent now'),
  131048: slower({ afterMs: spamPauseMs }),
  131056: slower({ afterMs: pairPauseMs }),
  131057: broken,
  133004: broken,
  133016: slower(),
};

/** Whole ranges: permissions (200 to 299), templates (132000 to 132999: nothing was sent). */
function meaningOf(code: number): Meaning | undefined {
  if (meanings[code]) return meanings[code];
  if (code >= 200 && code <= 299) return forbidden;
  if (code >= 132_000 && code <= 132_999) return { ...refused(), field: 'template' };
  // Parameters, media and everything else that Meta found wrong before it sent anything.
  return code === 100 || (code >= 131_000 && code <= 131_999) ? refused() : undefined;
}

/** 100 with this subcode: there is no such object, or the token may not see it. */
const noSuchObject = 33;

export function explain(status: number, answer: unknown): { message?: string; field?: string; code?: ErrorCode; retry?: Retry; effect?: Effect } | undefined {
  const parsed = body.safeParse(answer);
  if (!parsed.success) return undefined;
  const { message, code, error_subcode, error_data } = parsed.data.error;
  const said = [message, error_data?.details].filter(Boolean).join(': ');
  if (code === undefined) return { ...(said && { message: said }) };
  if (code === 100 && error_subcode === noSuchObject) return { code: 'not-found', retry: 'never', effect: 'none', message: said };
  const { words, ...meaning } = meaningOf(code) ?? {};
  // A 5xx says that Meta itself failed, whatever it thinks was wrong.
  const failed = status >= 500 ? broken : {};
  return { ...meaning, ...failed, message: words === undefined ? said : `${words} (${code})` };
}
