/**
 * One POST of Meta may hold messages and statuses of many customers ("Webhooks, batching"): each becomes a webhook of its own in Meta's shape,
 * so that one that is not understood never stops the others.
 */
import type { Json } from '../../src/kit/index.ts';

type Object = { readonly [key: string]: Json | undefined };

const isObject = (value: Json | undefined): value is Object => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** Lists of a change whose elements stand alone. */
const lists = ['messages', 'message_echoes', 'statuses', 'user_id_update'] as const;

const idsOf = (value: Json | undefined, keys: readonly string[]): readonly Json[] =>
  isObject(value) ? keys.flatMap((key) => (value[key] === undefined ? [] : [value[key] as Json])) : [];

/** The contacts that the element is about; all where none can be told. */
function contactsFor(element: Json, contacts: readonly Json[]): readonly Json[] {
  const named = new Set(idsOf(element, ['from', 'from_user_id', 'to', 'to_user_id', 'recipient_id', 'recipient_user_id']));
  const about = contacts.filter((contact) => idsOf(contact, ['wa_id', 'user_id']).some((id) => named.has(id)));
  return about.length > 0 ? about : contacts;
}

function alone(value: Object): readonly Object[] {
  const contacts = listOf(value.contacts);
  const frame = Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'contacts' && key !== 'errors' && !lists.includes(key as 'messages')));
  const parts = lists.flatMap((list) =>
    listOf(value[list]).map((element): Object => ({ ...frame, ...(contacts.length > 0 && { contacts: contactsFor(element, contacts) }), [list]: [element] })),
  );
  if (listOf(value.errors).length > 0) parts.push({ ...frame, errors: value.errors });
  return parts.length > 0 ? parts : [value];
}

/** A body that is no such webhook stays whole, and its reader says what is wrong with it. */
export function split(body: Json): readonly Json[] {
  if (!isObject(body) || body.object !== 'whatsapp_business_account' || !Array.isArray(body.entry)) return [body];
  const parts = listOf(body.entry).flatMap((entry) =>
    isObject(entry) && Array.isArray(entry.changes)
      ? listOf(entry.changes).flatMap((change) =>
          (isObject(change) && isObject(change.value) ? alone(change.value).map((value): Json => ({ ...change, value })) : [change]).map(
            (one): Json => ({ ...body, entry: [{ ...entry, changes: [one] }] }),
          ),
        )
      : [{ ...body, entry: [entry] }],
  );
  return parts.length > 0 ? parts : [body];
}

/** Name of one part: message or status with its id and what it says, so that it is known again in whatever batch Meta repeats it. */
export function partKey(part: Json): string | undefined {
  const value = first(first(part, 'entry'), 'changes');
  const inner = isObject(value) ? value.value : undefined;
  for (const list of lists) {
    const element = first(inner, list);
    if (!isObject(element) || typeof element.id !== 'string') continue;
    // A message that could not be shown may come again whole, and a status is told several times.
    const says = [element.status, element.type, element.recipient_id, element.recipient_user_id].filter((word) => typeof word === 'string');
    return [list, element.id, ...says].join(' ');
  }
  return undefined;
}

const first = (value: Json | undefined, list: string): Json | undefined => (isObject(value) ? listOf(value[list])[0] : undefined);
