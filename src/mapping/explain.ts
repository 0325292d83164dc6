/** Where a value comes from, as one line. */
import type { Why } from './evaluate.ts';

/** `mappings/academias.yaml:31`. */
export const placeOf = (why: Why): string => `${why.file}:${why.line}`;

/** `priority urgent: impact 'Catraca livre', mappings/academias.yaml:31`. */
export const explain = (name: string, why: Why): string => `${name.replace(/^field:/, '')}${why.value ? ` ${why.value}` : ''}: ${why.reason}, ${placeOf(why)}`;
