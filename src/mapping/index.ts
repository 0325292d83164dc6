/** What the rest of the product uses of mappings. */
export type { Calendar } from './calendar.ts';
export { calendarWarnings, checkMappings, type FileCheck } from './check.ts';
export { checkLive } from './check-live.ts';
export { type Compiled, type CompiledMapping, compileMapping } from './compile.ts';
export { diffMappings, type MappingChange, samplesOf } from './diff.ts';
export type * from './evaluate.ts';
export { type ExampleFailure, type ExampleResult, runExamples } from './examples.ts';
export { explain, explainAll, placeOf } from './explain.ts';
export { type InForce, type MappingText, mappingFor } from './folder.ts';
export { createMappings, type Mappings, readFolder, watchMappings } from './load.ts';
export { type Preview, type PreviewRow, previewMapping } from './preview.ts';
export { contextOf, impliedSchema, type Sample } from './sample.ts';
export { jsonSchemaText } from './schema.ts';
export { tellProblem } from './source.ts';
