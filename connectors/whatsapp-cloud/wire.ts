/**
 * Shapes of Meta's webhooks, as far as they are read: unknown fields stay, unknown kinds are refused by the reader.
 * Cloud API, "messages webhook reference" and "smb_message_echoes webhook reference"; usernames: "Business-scoped user IDs".
 */
import { z } from 'zod';

const words = z.string().transform((value) => value.replaceAll('\0', ''));
const id = z.string().min(1).max(512);

export const media = z.looseObject({
  id,
  mime_type: words.optional(),
  sha256: z.string().optional(),
  caption: words.optional(),
  filename: words.optional(),
  voice: z.boolean().optional(),
  url: z.string().optional(),
});

export const text = z.looseObject({ body: words });

export const button = z.looseObject({ text: words, payload: words.optional() });

export const reaction = z.looseObject({ message_id: id, emoji: words.optional() });

export const edit = z.looseObject({ original_message_id: id, message: z.looseObject({ type: z.string().optional() }) });

export const revoke = z.looseObject({ original_message_id: id });

const scalar = z.union([words, z.number()]);

export const location = z.looseObject({
  latitude: z.number(),
  longitude: z.number(),
  name: words.optional(),
  address: words.optional(),
  url: words.optional(),
});

export const card = z.looseObject({
  name: z.looseObject({ formatted_name: words.optional(), first_name: words.optional() }).optional(),
  phones: z.array(z.looseObject({ phone: words.optional(), wa_id: words.optional(), type: words.optional() })).default([]),
  emails: z.array(z.looseObject({ email: words.optional() })).default([]),
  urls: z.array(z.looseObject({ url: words.optional() })).default([]),
  addresses: z
    .array(z.looseObject({ street: words.optional(), city: words.optional(), state: words.optional(), zip: words.optional(), country: words.optional() }))
    .default([]),
  org: z.looseObject({ company: words.optional(), department: words.optional(), title: words.optional() }).optional(),
  vcard: words.optional(),
  origin: z.string().optional(),
});

export const interactive = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('button_reply'), button_reply: z.looseObject({ id: words.optional(), title: words }) }),
  z.looseObject({ type: z.literal('list_reply'), list_reply: z.looseObject({ id: words.optional(), title: words, description: words.optional() }) }),
  z.looseObject({
    type: z.literal('nfm_reply'),
    nfm_reply: z.looseObject({ name: words.optional(), body: words.optional(), response_json: z.string().optional() }),
  }),
  z.looseObject({ type: z.literal('call_permission_reply'), call_permission_reply: z.looseObject({ response: words.optional() }) }),
]);

export const order = z.looseObject({
  catalog_id: words.optional(),
  text: words.optional(),
  product_items: z.array(
    z.looseObject({ product_retailer_id: words.optional(), quantity: scalar.optional(), item_price: scalar.optional(), currency: words.optional() }),
  ),
});

export const problem = z.looseObject({
  code: z.number().optional(),
  title: words.optional(),
  message: words.optional(),
  error_data: z.looseObject({ details: words.optional() }).optional(),
});

const context = z.looseObject({
  id: id.optional(),
  forwarded: z.boolean().optional(),
  frequently_forwarded: z.boolean().optional(),
  referred_product: z.looseObject({ catalog_id: words.optional(), product_retailer_id: words.optional() }).optional(),
});

const referral = z.looseObject({ source_url: words.optional(), source_type: words.optional(), headline: words.optional(), body: words.optional() });

export const system = z.looseObject({
  body: words.optional(),
  type: z.string(),
  wa_id: id.optional(),
  new_wa_id: id.optional(),
  user_id: id.optional(),
  previous_user_id: id.optional(),
  parent_user_id: id.optional(),
  previous_parent_user_id: id.optional(),
});

/** What all messages have, ours from the phone app too; the object named like `type` is read by its own shape. */
export const message = z.looseObject({
  id,
  type: z.string().min(1),
  timestamp: z.coerce.number().int().positive(),
  from: id.optional(),
  from_user_id: id.optional(),
  from_parent_user_id: id.optional(),
  to: id.optional(),
  to_user_id: id.optional(),
  to_parent_user_id: id.optional(),
  group_id: z.string().optional(),
  origin: z.string().optional(),
  context: context.optional(),
  referral: referral.optional(),
  errors: z.array(problem).optional(),
});
export type Message = z.output<typeof message>;

export const status = z.looseObject({
  id,
  status: z.string().min(1),
  timestamp: z.coerce.number().int().positive(),
  recipient_id: id.optional(),
  recipient_user_id: id.optional(),
  recipient_parent_user_id: id.optional(),
  recipient_type: z.string().optional(),
  biz_opaque_callback_data: z.string().optional(),
  errors: z.array(problem).optional(),
});
export type Status = z.output<typeof status>;

export const contact = z.looseObject({
  profile: z.looseObject({ name: words.optional(), username: words.optional() }).optional(),
  wa_id: id.optional(),
  user_id: id.optional(),
  parent_user_id: id.optional(),
});
export type Contact = z.output<typeof contact>;

const changed = z.looseObject({ previous: id, current: id });
export const idUpdate = z.looseObject({
  wa_id: id.optional(),
  user_id: changed.optional(),
  parent_user_id: changed.optional(),
  timestamp: z.coerce.number().int().positive(),
});
export type IdUpdate = z.output<typeof idUpdate>;

export const change = z.looseObject({
  field: z.string().min(1),
  value: z.looseObject({
    metadata: z.looseObject({ display_phone_number: z.string().optional(), phone_number_id: id }).optional(),
    contacts: z.array(z.unknown()).optional(),
    messages: z.array(z.unknown()).optional(),
    message_echoes: z.array(z.unknown()).optional(),
    statuses: z.array(z.unknown()).optional(),
    user_id_update: z.array(z.unknown()).optional(),
    errors: z.array(problem).optional(),
  }),
});

export const webhook = z.looseObject({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.looseObject({ id: z.string().optional(), changes: z.array(z.unknown()) })),
});
