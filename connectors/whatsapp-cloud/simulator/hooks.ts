/** Webhooks out: Meta's envelope, batched, signed, and repeated with growing pauses for a week. "Webhooks", "Create a webhook endpoint". */
import { createHmac } from 'node:crypto';
import { createWebhookSender, type WebhookSender } from '../../../src/kit/simulator.ts';
import { escaped } from '../door.ts';
import type { Customer, State } from './state.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Meta says growing pauses and seven days, and no more. */
const week = [minute, 5 * minute, 30 * minute, 2 * hour, 8 * hour, 24 * hour, 24 * hour, 36 * hour, 36 * hour, 34 * hour];

export type Value = { readonly [list: string]: unknown };

export interface HookDials {
  /** How many changes one POST holds at most. */
  batch: number;
  /** `escaped`: ASCII on the wire, and signed as it is. `signed-escaped`: UTF-8 on the wire, with the signature of the escaped form. */
  wire: 'escaped' | 'utf8' | 'signed-escaped';
}

export interface Hooks extends HookDials {
  readonly sender: WebhookSender;
  /** A change of the number, about this customer. */
  tell(field: string, value: Value, customer?: Customer): void;
  /** Any body, signed: what tests make up. */
  post(body: object): void;
  settled(): Promise<void>;
}

export const contactOf = ({ name, username, waId, userId, parentUserId }: Customer) => ({
  profile: { ...(name !== undefined && { name }), ...(username !== undefined && { username }) },
  ...(waId !== undefined && { wa_id: waId }),
  ...(userId !== undefined && { user_id: userId }),
  ...(parentUserId !== undefined && { parent_user_id: parentUserId }),
});

/** `hurry` divides the pauses. */
export function createHooks(state: State, options: { appSecret: string; hurry: number; seed: number }): Hooks {
  const sender = createWebhookSender({
    seed: options.seed,
    retryMs: week.map((ms) => ms / options.hurry),
    timeoutMs: 20_000,
    judge: (status) => (status === 200 ? 'taken' : 'again'),
  });
  const pending: object[] = [];
  let scheduled = false;

  function post(body: object): void {
    const json = Buffer.from(JSON.stringify(body));
    const bytes = hooks.wire === 'escaped' ? escaped(json) : json;
    const signed = hooks.wire === 'signed-escaped' ? escaped(json) : bytes;
    const signature = createHmac('sha256', options.appSecret).update(signed).digest('hex');
    sender.post(() => ({
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}`, 'user-agent': 'facebookexternalua' },
      body: bytes,
    }));
  }

  function flush(): void {
    scheduled = false;
    for (const changes = pending; changes.length > 0; )
      post({ object: 'whatsapp_business_account', entry: [{ id: state.wabaId, changes: changes.splice(0, hooks.batch) }] });
  }

  const hooks: Hooks = {
    batch: 1,
    wire: 'escaped',
    sender,
    tell(field, value, customer) {
      pending.push({
        value: {
          messaging_product: 'whatsapp',
          metadata: { display_phone_number: state.displayPhone, phone_number_id: state.phoneNumberId },
          ...(customer && { contacts: [contactOf(customer)] }),
          ...value,
        },
        field,
      });
      if (hooks.batch === 1) return flush();
      if (pending.length >= hooks.batch) return flush();
      if (!scheduled) setImmediate(() => flush());
      scheduled = true;
    },
    post,
    async settled() {
      flush();
      await sender.settled();
    },
  };
  return hooks;
}
