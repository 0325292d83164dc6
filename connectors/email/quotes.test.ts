import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlToText } from './html-text.ts';
import { splitQuoted } from './quotes.ts';

const intros: Record<string, string> = {
  'Gmail, Portuguese': 'Em seg., 3 de nov. de 2026 às 10:12, Suporte <suporte@academia.example> escreveu:',
  'Gmail, wrapped': 'Em seg., 3 de nov. de 2026 às 10:12, Suporte Academia <\nsuporte@academia.example> escreveu:',
  'Apple, Portuguese': 'Em 3 de nov. de 2026, à(s) 10:12, Suporte <suporte@academia.example> escreveu:',
  'Yahoo, Portuguese': 'Em segunda-feira, 3 de novembro de 2026 10:12:33 BRT, Suporte <suporte@academia.example> escreveu:',
  'Gmail, English': 'On Mon, Nov 3, 2026 at 10:12 AM Support <support@gym.example> wrote:',
  'Apple, English': 'On Nov 3, 2026, at 10:12 AM, Support <support@gym.example> wrote:',
  'Gmail, German': 'Am Di., 3. Nov. 2026 um 10:12 Uhr schrieb Support <support@gym.example>:',
  'Gmail, Italian': 'Il giorno mar 3 nov 2026 alle ore 10:12 Supporto <supporto@gym.example> ha scritto:',
  'Gmail, Spanish': 'El mar, 3 nov 2026 a las 10:12, Soporte (<soporte@gym.example>) escribió:',
  'Outlook, Portuguese': 'De: Suporte <suporte@academia.example>\nEnviado: segunda-feira, 3 de novembro de 2026 10:12\nPara: Ana\nAssunto: Catraca',
  'Outlook, bold labels': '*De:* Suporte\n*Enviado em:* segunda-feira, 3 de novembro de 2026 10:12\n*Para:* Ana\n*Assunto:* Catraca',
  'Outlook, English': 'From: Support <support@gym.example>\nSent: Monday, November 3, 2026 10:12 AM\nTo: Ana\nSubject: Turnstile',
  'Outlook, German': 'Von: Support <support@gym.example>\nGesendet: Montag, 3. November 2026 10:12\nAn: Ana\nBetreff: Drehkreuz',
  'Outlook, Italian': 'Da: Supporto <supporto@gym.example>\nInviato: lunedì 3 novembre 2026 10:12\nA: Ana\nOggetto: Tornello',
  'Outlook, Spanish': 'De: Soporte <soporte@gym.example>\nEnviado el: lunes, 3 de noviembre de 2026 10:12\nPara: Ana\nAsunto: Torno',
  'Outlook with a rule': '________________________________\nDe: Suporte\nEnviado: segunda-feira, 3 de novembro de 2026 10:12\nPara: Ana\nAssunto: Catraca',
  'old Outlook, Portuguese': '-----Mensagem original-----\nDe: Suporte',
  'old Outlook, English': '-----Original Message-----\nwhatever',
  'old Outlook, German': '-----Ursprüngliche Nachricht-----\nwas auch immer',
};

describe('a reply above the earlier mail', () => {
  it.each(Object.entries(intros))('%s: shows the reply and folds the rest', (_name, intro) => {
    const text = `Funcionou, obrigada!\n\n${intro}\n\nPode reiniciar a catraca?\nCarla`;
    expect(splitQuoted(text)).toEqual({ visible: 'Funcionou, obrigada!', quoted: `${intro}\n\nPode reiniciar a catraca?\nCarla` });
  });

  it.each([
    'Em 03/11/2026 10:12, Suporte escreveu:',
    'On 11/3/26 10:12, Support wrote:',
    'Am 03.11.2026 um 10:12 schrieb Support:',
    'Il 03/11/2026 10:12, Supporto ha scritto:',
  ])('Thunderbird, without an address, is known by the marked lines below: %s', (intro) => {
    expect(splitQuoted(`Sim.\n\n${intro}\n> Funcionou?`)).toEqual({ visible: 'Sim.', quoted: `${intro}\n> Funcionou?` });
    expect(splitQuoted(`Sim.\n\n${intro}\nreinicie a catraca`).quoted).toBeUndefined();
  });

  it.each([
    'Enviado do meu iPhone',
    'Sent from my Galaxy',
    'Von meinem iPhone gesendet',
    'Inviato da iPhone',
    'Enviado desde mi iPhone',
    'Obter o Outlook para Android<https://aka.ms/x>',
  ])('folds what a phone adds, with a quote and without: %s', (line) => {
    expect(splitQuoted(`Sim.\n\n${line}\n\n> Funcionou?`)).toEqual({ visible: 'Sim.', quoted: `${line}\n\n> Funcionou?` });
    expect(splitQuoted(`Sim.\n\n${line}\n`)).toEqual({ visible: 'Sim.', quoted: line });
  });

  it('leaves the signature with name and telephone in sight', () => {
    expect(splitQuoted('Sim.\n-- \nAna\n(11) 5555-0100\n\n> Funcionou?').visible).toBe('Sim.\n-- \nAna\n(11) 5555-0100');
  });
});

describe('nothing is folded', () => {
  const whole = (text: string) => expect(splitQuoted(text)).toEqual({ visible: text, quoted: undefined });
  it('when answers stand between the questions', () =>
    whole('Respostas abaixo.\n\nEm 03/11/2026 10:12, Suporte escreveu:\n> Qual modelo?\nT-300.\n> Desde quando?\nOntem.'));
  it('when the answer stands below the question', () => whole('> Qual modelo?\n\nT-300.'));
  it('when nothing stands above the quote', () => whole('Em seg., 3 de nov. de 2026 às 10:12, X <x@a.example> escreveu:\n> Olá'));
  it('when all there is was added by a phone', () => whole('Enviado do meu iPhone'));
  it('when a customer ends with a sentence about a telephone', () => whole('A Júlia quer\nobter acesso pelo celular novo'));
  it('in forwarded mail', () =>
    whole('Veja abaixo.\n\n---------- Mensagem encaminhada ----------\nDe: Banco\nData: ontem\nAssunto: Boleto\nPara: Ana\n\nSegue.'));
  it('when a customer tells what somebody wrote', () => whole('Em 3 de novembro, às 10:12, o técnico escreveu:\n"troquei a placa", mas travou de novo.'));
  it('in a text that only says De: and Para:', () => whole('De: sala 1\nmover o leitor\nPara: sala 2'));
});

it('loses no line: what is shown and what is folded hold all of the original, in order', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom(
      ...Object.values(intros),
      '> marcado',
      '>> duas vezes',
      '',
      '   ',
      '-- ',
      'Enviado do meu iPhone',
      '________________',
      'De: a',
      'Para: b',
      'Assunto: c',
    ),
  );
  const words = (text: string): string[] =>
    text
      .split(/\r?\n/)
      .map((each) => each.trim())
      .filter(Boolean);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 25 }), (lines) => {
      const text = lines.join('\n');
      const { visible, quoted } = splitQuoted(text);
      expect([...words(visible), ...words(quoted ?? '')]).toEqual(words(text));
      if (words(text).length) expect(words(visible).length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});

it('stays fast on a hostile text', () => {
  const started = performance.now();
  splitQuoted(`${'Em 1:11 @ '.repeat(50_000)}:\n`.repeat(3));
  splitQuoted('Em 1 às 10:12 x@y\n'.repeat(50_000));
  splitQuoted(`${'On 1 '.repeat(79)}:\n`.repeat(5000));
  expect(performance.now() - started).toBeLessThan(2000);
});

describe('text of an HTML mail', () => {
  it('keeps lines, cells, and what is quoted', () => {
    expect(
      htmlToText('<p>Ol&aacute; &lt;b&gt;</p><table><tr><td>a</td><td>b</td></tr></table>fim<blockquote>um<br>dois<blockquote>três</blockquote></blockquote>'),
    ).toBe('Olá <b>\n\na b\nfim\n> um\n> dois\n> > três');
  });
  it('drops scripts, styles and comments', () => {
    expect(htmlToText('<style>p{}</style><script>alert(1)</script><!-- x --><div>só isto</div>')).toBe('só isto');
  });
  it('folds a reply in HTML as it folds one in text', () => {
    const html =
      '<div>Sim.</div><div class="gmail_quote">Em seg., 3 de nov. de 2026 às 10:12, X &lt;x@a.example&gt; escreveu:<blockquote>Funcionou?</blockquote></div>';
    expect(splitQuoted(htmlToText(html)).visible).toBe('Sim.');
  });
});
