/** Renders blocks for the wire, escaped. Everything that was ever typed by a customer passes through here before a helpdesk sees it. */
import { DateTime } from 'luxon';
import type { TicketRef } from './operation.ts';
import type { Block, InternalText, PublicText, TranscriptEntry } from './text.ts';

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const lines = (text: string): string => escapeHtml(text).replace(/\r?\n/g, '<br>');

const stamp = (entry: TranscriptEntry, zone: string, locale: string): string =>
  DateTime.fromMillis(entry.at, { zone })
    .setLocale(locale)
    .toLocaleString({ day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit' });

const isResolved = (ticket: object): ticket is TicketRef => 'number' in ticket;

function blockHtml(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `<p><b>${escapeHtml(block.text)}</b></p>`;
    case 'paragraph':
      return `<p>${lines(block.text)}</p>`;
    case 'tickets': {
      const links = block.tickets.filter(isResolved).map((ticket) => `<a href="${escapeHtml(ticket.url)}">#${escapeHtml(ticket.number)}</a>`);
      return links.length ? `<p>${escapeHtml(block.label)} ${links.join(', ')}</p>` : '';
    }
    case 'transcript':
      return block.entries
        .map((entry) => {
          const files = entry.files.map((file) => `<br>📎 ${escapeHtml(file)}`).join('');
          return `<p><b>${escapeHtml(entry.author)}</b> <small>${escapeHtml(stamp(entry, block.zone, block.locale))}</small><br>${lines(entry.text)}${files}</p>`;
        })
        .join('');
  }
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
      return block.text;
    case 'tickets': {
      const links = block.tickets.filter(isResolved).map((ticket) => `#${ticket.number} ${ticket.url}`);
      return links.length ? `${block.label} ${links.join(', ')}` : '';
    }
    case 'transcript':
      return block.entries
        .map((entry) => [`[${stamp(entry, block.zone, block.locale)}] ${entry.author}: ${entry.text}`, ...entry.files.map((file) => `  📎 ${file}`)].join('\n'))
        .join('\n');
  }
}

/** HTML of a text; `marker` becomes a visible last line where the vendor strips hidden ones. */
export const toHtml = (text: PublicText | InternalText, marker?: string): string =>
  [...text.blocks.map(blockHtml), ...(marker ? [`<p>${escapeHtml(marker)}</p>`] : [])].filter(Boolean).join('\n');

export const toText = (text: PublicText | InternalText, marker?: string): string =>
  [...text.blocks.map(blockText), ...(marker ? [marker] : [])].filter(Boolean).join('\n\n');
