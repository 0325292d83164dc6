/** Import directions: the house rules of the design, enforced. */
/** Tests, and what stands beside a connector for its tests alone. */
const tests = '(\\.test|/test-account|/harness|/fixtures)\\.tsx?$';
const core = '^src/(closing|mapping|automation|tickets|conversations)/';
module.exports = {
  forbidden: [
    {
      name: 'connectors-import-kit-alone',
      severity: 'error',
      comment: 'A connector knows its vendor and the kit’s one door, nothing else of the product.',
      from: { path: '^connectors/([^/]+)/', pathNot: tests },
      to: { path: '^(src|connectors|test)/', pathNot: ['^connectors/$1/', '^src/kit/(index|simulator)\\.ts$'] },
    },
    {
      name: 'simulators-stay-out-of-production',
      severity: 'error',
      comment: 'A vendor that we made up must never answer for a real one.',
      from: { path: '^(src|connectors)/', pathNot: ['simulator', tests, '^src/cli/'] },
      to: { path: 'simulator' },
    },
    {
      name: 'tests-stay-out-of-production',
      severity: 'error',
      comment: 'What serves tests is not there when the product runs.',
      from: { path: '^(src|connectors)/', pathNot: tests },
      to: { path: [tests, '^test/'] },
    },
    {
      name: 'kit-imports-nothing-of-ours',
      severity: 'error',
      comment: 'The kit is the bottom of the house.',
      from: { path: '^src/kit/' },
      to: { path: '^(src|connectors|test)/', pathNot: '^src/kit/' },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'The core knows no web server, no queue, no database driver and no vendor.',
      from: { path: core, pathNot: '\\.test\\.ts$' },
      to: { path: '(node_modules/(express|bullmq|ioredis|better-sqlite3|pg|axios)/|^connectors/|^src/(api|cli|console|intake)/|^src/store/(sqlite|postgres))' },
    },
    {
      name: 'only-the-composition-root-knows-connectors',
      severity: 'error',
      comment: 'src reaches connectors through the registry, from main and the commands.',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|cli/|.*\\.test\\.ts$)' },
      to: { path: '^connectors/' },
    },
    {
      name: 'console-talks-by-the-api',
      severity: 'error',
      comment: 'The browser gets types of the API and nothing of the server.',
      from: { path: '^src/console/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(?!console/)', pathNot: '^src/(api/contract|closing/decision)\\.ts$' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Two files that need each other are one file.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist/|fixtures/)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
