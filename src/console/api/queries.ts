/** What the console reads, by key. Live events make these keys stale (live.ts). */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ChannelView, ClosingView, ConversationDetail, ConversationRow, DeliveryView, Me, Proposal, SessionView, TicketRow } from '../../api/contract.ts';
import { call, queryString } from './client.ts';
import type { AgentView, ConnectorsView, InvitationView, Named, Page, QuarantineView, TicketView, TokenView } from './shapes.ts';

export type InboxView = 'open' | 'unfiled' | 'ended';
export type Assignee = 'me' | 'none' | 'any';
export interface InboxFilter {
  readonly view: InboxView;
  readonly assignee: Assignee;
  readonly words: string;
}

const paged = <T>(key: readonly unknown[], path: (cursor: string | undefined) => string) =>
  infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => call<Page<T>>('GET', path(pageParam), { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => call<Me>('GET', '/me', { signal }), staleTime: 60_000, retry: false });

export const conversationsQuery = ({ view, assignee, words }: InboxFilter) =>
  paged<ConversationRow>(
    ['conversations', view, assignee, words],
    (cursor) => `/conversations${queryString({ view, assignee, words: words || undefined, cursor, limit: 50 })}`,
  );

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) => call<{ items: readonly ChannelView[] }>('GET', '/channels', { signal }),
  staleTime: 5 * 60_000,
});

/** How many conversations ended without a ticket. */
export const unfiledQuery = queryOptions({
  queryKey: ['conversations', 'count'],
  queryFn: ({ signal }) => call<{ readonly all: number; readonly mine: number; readonly told: number }>('GET', '/unfiled', { signal }),
});

export const conversationQuery = (id: string) =>
  queryOptions({ queryKey: ['conversation', id], queryFn: ({ signal }) => call<ConversationDetail>('GET', `/conversations/${id}`, { signal }) });

export const proposalQuery = (id: string, opening: number) =>
  queryOptions({
    queryKey: ['proposal', id, opening],
    queryFn: ({ signal }) => call<Proposal>('GET', `/conversations/${id}/proposal`, { signal }),
    staleTime: 0,
    gcTime: 0,
  });

export const closingsQuery = queryOptions({
  queryKey: ['closings', 'mine'],
  queryFn: ({ signal }) => call<Page<ClosingView>>('GET', '/closings?mine=true&limit=20', { signal }),
});

export const closingQuery = (id: string) =>
  queryOptions({ queryKey: ['closing', id], queryFn: ({ signal }) => call<ClosingView>('GET', `/closings/${id}`, { signal }) });

export const ticketsQuery = (words: string) =>
  paged<TicketRow>(['tickets', words], (cursor) => `/tickets${queryString({ words: words || undefined, cursor })}`);

export const ticketQuery = (helpdesk: string, id: string) =>
  queryOptions({
    queryKey: ['ticket', helpdesk, id],
    queryFn: ({ signal }) => call<TicketView>('GET', `/tickets/${encodeURIComponent(helpdesk)}/${encodeURIComponent(id)}`, { signal }),
  });

export const ticketSearchQuery = (helpdesk: string, words: string) =>
  queryOptions({
    queryKey: ['ticket-search', helpdesk, words],
    queryFn: ({ signal }) =>
      call<{ items: readonly TicketRow[] }>('GET', `/helpdesks/${encodeURIComponent(helpdesk)}/tickets${queryString({ words })}`, { signal }),
    enabled: words.length >= 2,
    placeholderData: keepPreviousData,
  });

export const deliveriesQuery = (state: string) => paged<DeliveryView>(['deliveries', state], (cursor) => `/deliveries${queryString({ state, cursor })}`);

const search = (kind: 'companies' | 'contacts', words: string) =>
  queryOptions({
    queryKey: [kind, words],
    queryFn: ({ signal }) => call<{ items: readonly Named[] }>('GET', `/${kind}${queryString({ words })}`, { signal }),
    enabled: words.length >= 2,
    placeholderData: keepPreviousData,
  });
export const companiesQuery = (words: string) => search('companies', words);
export const contactsQuery = (words: string) => search('contacts', words);

export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: ({ signal }) => call<{ items: readonly AgentView[] }>('GET', '/agents', { signal }),
  staleTime: 60_000,
});
export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => call<{ items: readonly TokenView[] }>('GET', '/tokens', { signal }),
});
export const quarantineQuery = paged<QuarantineView>(['quarantine'], (cursor) => `/quarantine${queryString({ cursor })}`);
export const connectorsQuery = queryOptions({
  queryKey: ['connectors'],
  queryFn: ({ signal }) => call<ConnectorsView>('GET', '/connectors', { signal }),
  refetchInterval: 30_000,
});
/** The session of a channel, with its code while it is not linked: the code lives shortly and is kept nowhere. */
export const sessionQuery = (channel: string) =>
  queryOptions({
    queryKey: ['connectors', channel, 'session'],
    queryFn: ({ signal }) => call<SessionView>('GET', `/connectors/${encodeURIComponent(channel)}/session`, { signal }),
    refetchInterval: 3_000,
    gcTime: 0,
  });
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['setup', token],
    queryFn: ({ signal }) => call<InvitationView>('GET', `/setup/${encodeURIComponent(token)}`, { signal }),
    retry: false,
  });
