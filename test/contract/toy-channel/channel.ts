/** A whole channel for a vendor that never was: pigeons with signed legs. It shows what a new connector takes, and a test holds it under 80 lines. */
import { z } from 'zod';
import {
  type Channel,
  ConnectorError,
  type Context,
  connectorError,
  defineChannel,
  hmac,
  type InboundEvent,
  type PublicMessage,
  type ReplyContext,
  type Step,
  secret,
  UnknownPayload,
  type VerifiedArrival,
} from '../../../src/kit/index.ts';

const settings = z.strictObject({
  loft: z.url().describe('Address of the loft.'),
  ring: secret().describe('Secret that the loft signs its posts with.'),
});
type Settings = z.output<typeof settings>;

const pigeon = z.object({
  kind: z.enum(['note', 'asleep']),
  id: z.string().min(1),
  keeper: z.string().min(1),
  at: z.number().int(),
  words: z.string().default(''),
});

function normalize({ payload }: VerifiedArrival): readonly InboundEvent[] {
  const read = pigeon.safeParse(payload);
  if (!read.success) throw new UnknownPayload(`not a pigeon: ${z.prettifyError(read.error)}`);
  const { kind, id, keeper, at, words } = read.data;
  if (kind === 'asleep') return [{ type: 'ended', thread: keeper, at }];
  const from = { role: 'contact' as const, id: keeper, name: keeper, identities: [{ kind: 'account' as const, value: keeper, verified: true }] };
  return [{ type: 'message', thread: keeper, at, id, from, kind: 'public', text: words, media: [] }];
}

async function send({ settings, http, now }: Context<Settings>, reply: PublicMessage, to: ReplyContext, step: Step): Promise<{ externalId: string }> {
  if (reply.kind !== 'public') throw new ConnectorError('refused', 'Internal text is never tied to a pigeon');
  return step('fly', {
    safeForMs: Number.POSITIVE_INFINITY,
    body: () => ({ id: to.message, keeper: to.thread, words: reply.text }),
    async send(body) {
      try {
        await http.put(`${settings.loft}/pigeons/${body.id}`, body);
        return { externalId: body.id };
      } catch (error) {
        throw connectorError(error, 'The loft', now());
      }
    },
  });
}

export default defineChannel({
  id: 'pigeon',
  title: 'Pigeon post',
  settings,
  capabilities: { reply: true, endSignal: true, maxTextLength: 500, findsSent: true },
  create: (context): Channel => ({
    intake: [{ via: 'webhook', verify: hmac({ secret: context.settings.ring, header: 'x-ring', encoding: 'hex' }) }],
    normalize,
    send: (reply, to, step) => send(context, reply, to, step),
    health: async () => ({ detail: `Waiting at the loft of ${context.settings.loft}` }),
  }),
});
