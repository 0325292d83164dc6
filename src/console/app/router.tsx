/** Addresses of the console. `/conversations/{id}` and `/tickets/{helpdesk}/{id}` are linked from outside and never change. */
import { createRootRoute, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import { AgentsPage } from '../admin/AgentsPage.tsx';
import { ConnectorsPage } from '../admin/ConnectorsPage.tsx';
import { QuarantinePage } from '../admin/QuarantinePage.tsx';
import { TokensPage } from '../admin/TokensPage.tsx';
import type { Assignee, InboxView } from '../api/queries.ts';
import { ConversationPage } from '../conversation/ConversationPage.tsx';
import { DeliveriesPage } from '../deliveries/DeliveriesPage.tsx';
import { FiledPage } from '../deliveries/FiledPage.tsx';
import { InboxLayout } from '../inbox/InboxLayout.tsx';
import { NothingChosen } from '../inbox/NothingChosen.tsx';
import { TicketPage } from '../tickets/TicketPage.tsx';
import { TicketsPage } from '../tickets/TicketsPage.tsx';
import { AdminOnly } from './AdminOnly.tsx';
import { NotFound } from './NotFound.tsx';
import { SetupPage } from './SetupPage.tsx';
import { Shell } from './Shell.tsx';
import { SignInPage } from './SignInPage.tsx';

const views: readonly string[] = ['open', 'unfiled', 'ended'];
const assignees: readonly string[] = ['me', 'none', 'any'];
const deliveryStates: readonly string[] = ['needs-you', 'waiting', 'done', 'all'];
const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : undefined);
const oneOf = <T extends string>(value: unknown, known: readonly string[]): T | undefined =>
  typeof value === 'string' && known.includes(value) ? (value as T) : undefined;

interface InboxSearch {
  view?: InboxView | undefined;
  assignee?: Assignee | undefined;
  words?: string | undefined;
}
interface ConversationSearch {
  /** The closing dialog is open. */
  end?: boolean | undefined;
  /** The closing that is being corrected. */
  correct?: string | undefined;
}

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { to?: string | undefined } => ({ to: text(search.to) }),
  component: SignInPage,
});
const setup = createRoute({ getParentRoute: () => root, path: '/setup/$token', component: SetupPage });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });
const start = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inbox', search: {} });
  },
});

const mail = createRoute({
  getParentRoute: () => shell,
  id: 'mail',
  validateSearch: (search): InboxSearch => ({
    view: oneOf<InboxView>(search.view, views),
    assignee: oneOf<Assignee>(search.assignee, assignees),
    words: text(search.words),
  }),
  component: InboxLayout,
});
const inbox = createRoute({ getParentRoute: () => mail, path: '/inbox', component: NothingChosen });
const conversation = createRoute({
  getParentRoute: () => mail,
  path: '/conversations/$id',
  validateSearch: (search): ConversationSearch => ({ end: search.end === true ? true : undefined, correct: text(search.correct) }),
  component: ConversationPage,
});

const tickets = createRoute({
  getParentRoute: () => shell,
  path: '/tickets',
  validateSearch: (search): { words?: string | undefined } => ({ words: text(search.words) }),
  component: TicketsPage,
});
const ticket = createRoute({ getParentRoute: () => shell, path: '/tickets/$helpdesk/$id', component: TicketPage });
const deliveries = createRoute({
  getParentRoute: () => shell,
  path: '/deliveries',
  validateSearch: (search): { state?: string | undefined } => ({ state: oneOf(search.state, deliveryStates) }),
  component: DeliveriesPage,
});
const filed = createRoute({ getParentRoute: () => shell, path: '/filed', component: FiledPage });

const admin = createRoute({ getParentRoute: () => shell, id: 'admin', component: AdminOnly });
const connectors = createRoute({ getParentRoute: () => admin, path: '/connectors', component: ConnectorsPage });
const quarantine = createRoute({ getParentRoute: () => admin, path: '/quarantine', component: QuarantinePage });
const agents = createRoute({ getParentRoute: () => admin, path: '/agents', component: AgentsPage });
const tokens = createRoute({ getParentRoute: () => admin, path: '/tokens', component: TokensPage });

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setup,
    shell.addChildren([
      start,
      mail.addChildren([inbox, conversation]),
      tickets,
      ticket,
      deliveries,
      filed,
      admin.addChildren([connectors, quarantine, agents, tokens]),
    ]),
  ]),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
