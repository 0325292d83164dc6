/** Writes mappings/schema.json, by which editors complete mapping files: `node src/mapping/write-schema.ts`. */
import { writeFile } from 'node:fs/promises';
import { jsonSchemaText } from './schema.ts';

await writeFile(new URL('../../mappings/schema.json', import.meta.url), jsonSchemaText());
