/** What the commands use of mappings. */
export { checkMappings, type FileCheck } from './check.ts';
export { type CompiledMapping, compileMapping } from './compile.ts';
export { diffMappings, samplesOf } from './diff.ts';
export type { ExampleResult } from './examples.ts';
export { previewMapping } from './preview.ts';
export type { Sample } from './sample.ts';
export { tellProblem } from './source.ts';
