/** `npm test`: types, format, lint, import directions, unit, integration, and a real browser against the real console. */
import { type Check, runChecks } from './checks/run-checks.ts'

const vitest = (project: string): Check['command'] => ['vitest', 'run', '--project', project]

const checks: readonly Check[] = [
  { title: 'types', command: ['tsc', '-p', 'tsconfig.json'], kind: 'one' },
  { title: 'types of the pages', command: ['tsc', '-p', 'console/web/tsconfig.json'], kind: 'one' },
  { title: 'format', command: ['biome', 'check', '--error-on-warnings', '.'], kind: 'one' },
  { title: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'], kind: 'one' },
  { title: 'import directions', command: ['node', 'scripts/check-imports.ts'], kind: 'one' },
  { title: 'pages build', command: ['node', 'scripts/build.ts'], kind: 'one' },
  { title: 'unit', command: vitest('unit'), kind: 'vitest' },
  { title: 'integration', command: vitest('integration'), kind: 'vitest' },
  { title: 'browser', command: vitest('browser'), kind: 'vitest' },
]

const { failed } = await runChecks(checks)
process.exitCode = failed === 0 ? 0 : 1
