/** A bare page for each ticket, so that links from the sandbox lead somewhere. */
import { escapeHtml } from '../../../src/kit/index.ts';
import { iso, type SimState, type SimTicket } from './state.ts';

const style = 'body{font:15px system-ui;max-width:46rem;margin:2rem auto}.private{background:#fff6d9}section{padding:.6rem;border-bottom:1px solid #ddd}';

export function ticketPage(state: SimState, ticket: SimTicket): string {
  const name = (id: number): string => escapeHtml(state.users.get(id)?.name ?? String(id));
  const comments = ticket.comments.map(
    (comment) =>
      `<section class="${comment.public ? 'public' : 'private'}"><small>${name(comment.author_id)}, ${iso(comment.at)}, ${comment.public ? 'public' : 'internal'}</small>${comment.html}${comment.attachments
        .map(({ file_name, size }) => `<p>📎 ${escapeHtml(file_name)} (${size} bytes)</p>`)
        .join('')}</section>`,
  );
  const facts = `${name(ticket.requester_id)} · ${escapeHtml(ticket.status)} · ${escapeHtml(ticket.priority ?? 'no priority')} · ${ticket.tags.map(escapeHtml).join(', ')}`;
  return `<!doctype html><meta charset="utf-8"><title>#${ticket.id}</title><style>${style}</style><p>Simulated Zendesk</p><h1>#${ticket.id} ${escapeHtml(ticket.subject)}</h1><p>${facts}</p>${comments.join('')}`;
}
