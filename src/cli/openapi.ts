/** `deskbridge openapi`: the API's description, as the server serves it, and the recorded copy in docs/. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppParts, allRoutes } from '../api/app.ts';
import { openApiDocument } from '../api/openapi.ts';
import { version } from '../version.ts';

const recorded = join(import.meta.dirname, '../../docs/openapi.json');

/** Only the declarations are read, and no handler runs, so that no server is needed. */
export const openApiText = (): string => `${JSON.stringify(openApiDocument(allRoutes({} as AppParts), version), null, 2)}\n`;

export async function openApi({ write }: { write?: true }): Promise<void> {
  if (!write) return void process.stdout.write(openApiText());
  await writeFile(recorded, openApiText());
  console.log('docs/openapi.json written');
}
