/** The few words that this channel writes into a conversation itself. */
import type { WhatsappSettings } from './settings.ts';

type Language = WhatsappSettings['language'];

const words = {
  unsupported: {
    en: 'A message that WhatsApp does not hand over: {kind}. Ask for it in another form.',
    'pt-BR': 'Uma mensagem que o WhatsApp não entrega: {kind}. Peça que seja enviada de outra forma.',
    de: 'Eine Nachricht, die WhatsApp nicht herausgibt: {kind}. Bitten Sie um eine andere Form.',
    it: 'Un messaggio che WhatsApp non consegna: {kind}. Chiedi di inviarlo in altra forma.',
    es: 'Un mensaje que WhatsApp no entrega: {kind}. Pide que lo envíen de otra forma.',
  },
  forwarded: { en: 'Forwarded', 'pt-BR': 'Encaminhada', de: 'Weitergeleitet', it: 'Inoltrato', es: 'Reenviado' },
  advertisement: { en: 'Came from: {kind}', 'pt-BR': 'Veio de: {kind}', de: 'Kam von: {kind}', it: 'Arriva da: {kind}', es: 'Viene de: {kind}' },
  product: {
    en: 'About the product {kind}',
    'pt-BR': 'Sobre o produto {kind}',
    de: 'Zum Produkt {kind}',
    it: 'Sul prodotto {kind}',
    es: 'Sobre el producto {kind}',
  },
  calls: {
    en: 'Answer to the request to call: {kind}',
    'pt-BR': 'Resposta ao pedido de ligação: {kind}',
    de: 'Antwort auf die Bitte um einen Anruf: {kind}',
    it: 'Risposta alla richiesta di chiamata: {kind}',
    es: 'Respuesta a la solicitud de llamada: {kind}',
  },
} as const satisfies Record<string, Record<Language, string>>;

export const say = (what: keyof typeof words, language: Language, kind = ''): string => words[what][language].replace('{kind}', () => kind);
