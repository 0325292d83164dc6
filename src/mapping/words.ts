/** The words that stand in tickets and the reasons that agents read, in the five languages. */
import { DateTime } from 'luxon';
import type { Word } from './evaluate.ts';
import type { Language } from './schema.ts';

export const WORDS: Readonly<Record<Language, Readonly<Record<Word, string>>>> = {
  en: {
    transcript: 'Transcript',
    summary: 'Summary',
    internal: 'Internal notes',
    seeAlso: 'See also:',
    followUp: 'Continues:',
    files: 'Files',
    notTranscribed: 'not transcribed',
    notLoaded: 'not loaded yet',
    notAttached: 'not attached: too large for the helpdesk',
    deleted: '(deleted)',
    edited: '(edited)',
    conversation: 'Conversation',
  },
  'pt-BR': {
    transcript: 'Transcrição',
    summary: 'Resumo',
    internal: 'Notas internas',
    seeAlso: 'Veja também:',
    followUp: 'Continuação de:',
    files: 'Arquivos',
    notTranscribed: 'não transcrito',
    notLoaded: 'ainda não carregado',
    notAttached: 'não anexado: grande demais para o helpdesk',
    deleted: '(apagada)',
    edited: '(editada)',
    conversation: 'Conversa',
  },
  de: {
    transcript: 'Gesprächsverlauf',
    summary: 'Zusammenfassung',
    internal: 'Interne Notizen',
    seeAlso: 'Siehe auch:',
    followUp: 'Fortsetzung von:',
    files: 'Dateien',
    notTranscribed: 'nicht transkribiert',
    notLoaded: 'noch nicht geladen',
    notAttached: 'nicht angehängt: zu groß für den Helpdesk',
    deleted: '(gelöscht)',
    edited: '(bearbeitet)',
    conversation: 'Konversation',
  },
  it: {
    transcript: 'Trascrizione',
    summary: 'Riepilogo',
    internal: 'Note interne',
    seeAlso: 'Vedi anche:',
    followUp: 'Continuazione di:',
    files: 'File',
    notTranscribed: 'non trascritto',
    notLoaded: 'non ancora caricato',
    notAttached: "non allegato: troppo grande per l'helpdesk",
    deleted: '(eliminato)',
    edited: '(modificato)',
    conversation: 'Conversazione',
  },
  es: {
    transcript: 'Transcripción',
    summary: 'Resumen',
    internal: 'Notas internas',
    seeAlso: 'Ver también:',
    followUp: 'Continuación de:',
    files: 'Archivos',
    notTranscribed: 'sin transcribir',
    notLoaded: 'aún no cargado',
    notAttached: 'no adjuntado: demasiado grande para el helpdesk',
    deleted: '(eliminado)',
    edited: '(editado)',
    conversation: 'Conversación',
  },
};

/** `Mon, 23 Nov` in the language. */
export const dayIn = (language: Language, ymd: string): string =>
  DateTime.fromISO(ymd, { zone: 'utc' }).setLocale(language).toLocaleString({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
