/** `npm run test:lab`: the scenarios on a real kernel with real hot-plug, in a QEMU guest. */
import { runChecks } from './checks/run-checks.ts'

const { failed } = await runChecks([
  { title: 'pages build', command: ['node', 'scripts/build.ts'], kind: 'one' },
  {
    title: 'lab',
    command: ['vitest', 'run', '--config', 'test/lab/vitest.lab.config.ts', ...process.argv.slice(2)],
    kind: 'vitest',
    mayRunAgain: true,
  },
])
process.exitCode = failed === 0 ? 0 : 1
