/** Files that are dropped onto the panel or pasted anywhere in it. */
import { el, icon } from './dom.ts';

export function receiveFiles(panel: HTMLElement, invitation: string, take: (files: FileList) => void): void {
  const veil = el('div', { class: 'veil', 'aria-hidden': 'true' }, icon('clip'), invitation);
  veil.hidden = true;
  panel.append(veil);
  const carriesFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;

  panel.addEventListener('dragenter', (event) => {
    if (carriesFiles(event)) veil.hidden = false;
  });
  panel.addEventListener('dragover', (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  panel.addEventListener('dragleave', ({ relatedTarget }) => {
    // From one part of the panel to another is no leaving.
    if (!(relatedTarget instanceof Node && panel.contains(relatedTarget))) veil.hidden = true;
  });
  panel.addEventListener('drop', (event) => {
    veil.hidden = true;
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  panel.addEventListener('paste', (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
}
