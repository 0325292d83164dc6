const blocks = /^(P|DIV|LI|TR|H[1-6]|BLOCKQUOTE|UL|OL|TABLE|PRE|HR)$/;

function collect(node: Node, into: string[]): void {
  if (node.nodeType === Node.TEXT_NODE) into.push((node.textContent ?? '').replace(/\s+/g, ' '));
  else if (node.nodeName === 'BR') into.push('\n');
  else if (!/^(SCRIPT|STYLE|TEMPLATE|HEAD|TITLE)$/.test(node.nodeName)) {
    const block = blocks.test(node.nodeName);
    if (block) into.push('\n');
    if (node.nodeName === 'LI') into.push('• ');
    for (const child of node.childNodes) collect(child, into);
    if (block) into.push('\n');
  }
}

/** What a helpdesk's HTML says, as text: nothing of it is ever drawn as HTML in our own page. Plain text passes as it is. */
export function textOfHtml(html: string): string {
  if (!/<[a-z!/]|&[a-z#]/i.test(html)) return html.trim();
  const into: string[] = [];
  collect(new DOMParser().parseFromString(html, 'text/html').body, into);
  return into
    .join('')
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const isBold = (node: Node | null): boolean => node !== null && /^(B|STRONG)$/.test(node.nodeName);

/** Text of a section that has its heading here already: the one that the HTML begins with is left out. */
export function textUnderHeading(html: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  const first = body.firstElementChild;
  const leads = first !== null && (/^H[1-6]$/.test(first.nodeName) || (first.nodeName === 'P' && first.childNodes.length === 1 && isBold(first.firstChild)));
  const rest = leads ? textOfHtml(html).slice(textOfHtml(first.outerHTML).length).trim() : '';
  return rest || textOfHtml(html);
}
