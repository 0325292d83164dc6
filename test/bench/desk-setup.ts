/** Configuration and mapping of the products that the bench closes conversations with. */

/** Statuses by their meaning, which every helpdesk has. */
export const mapping = {
  version: 1,
  language: 'en',
  for: { channels: 'any' },
  helpdesk: 'zendesk',
  subject: { rules: [{ text: '{{ title }}' }] },
  impact: [{ id: 'question', priority: 'low', label: 'A question' }],
  calendar: { time_zone: 'UTC', hours: { 'mon-fri': '09:00-18:00' } },
  statuses: {
    pending: { label: 'Pending', due: 'none', meaning: 'pending' },
    solved: { label: 'Solved', due: 'none', meaning: 'resolved' },
  },
};

export const webhookChannel = (secret: string) => ({ bench: { connector: 'webhook', secret, identitiesVerified: true } });

export const zendeskAt = (address: string, clientSecret = 'secret') => ({
  connector: 'zendesk',
  address,
  oauth: { clientId: 'deskbridge', clientSecret },
  markerIn: 'metadata',
});

export const freshdeskAt = (address: string) => ({ connector: 'freshdesk', address, apiKey: 'simulator-key' });

/** A part of a decision that needs nothing else. */
export const partOf = (key: string, messages: readonly string[], more: object = {}) => ({
  key,
  messages: [...messages],
  target: { kind: 'new' as const },
  title: 'Turnstile does not open',
  summary: 'The reader was restarted and works again; the cable is to be watched.',
  impact: 'question',
  outcome: { status: 'pending' },
  ...more,
});
