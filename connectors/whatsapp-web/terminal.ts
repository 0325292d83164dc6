/** The QR code for whoever set this up in a terminal. It lets its holder into the account, so it is drawn on a screen and never goes to a log. */

export interface Screen {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Draws nothing where the output is no terminal: a file or a log collector would keep the code. */
export async function drawQr(channel: string, qr: string, screen: Screen = process.stdout): Promise<void> {
  if (!screen.isTTY) return;
  const { renderUnicodeCompact } = await import('uqr');
  screen.write(`\n${channel}: WhatsApp, Settings, Linked devices, Link a device\n\n${renderUnicodeCompact(qr, { border: 2 })}\n`);
}
