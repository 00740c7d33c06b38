import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { root, runChecks } from './run-checks.ts'
import { readVitestReport } from './vitest-report.ts'

// A test runner starts inside a test runner.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
beforeEach(async () => {
  await mkdir(join(root, '.cache'), { recursive: true })
  folder = await mkdtemp(join(root, '.cache', 'run-checks-'))
  await writeFile(join(folder, 'vitest.config.ts'), 'export default {}\n')
})
afterEach(() => rm(folder, { recursive: true }))

const asTest = (name: string, body: string): Promise<void> =>
  writeFile(
    join(folder, `${name}.test.ts`),
    `import { existsSync, writeFileSync } from 'node:fs'\nimport { expect, it } from 'vitest'\nit('a', () => {})\nit('b', () => { ${body} })\n`,
  )
const run = (mayRunAgain: boolean) =>
  runChecks([
    {
      title: 'sample',
      command: ['vitest', 'run', '--config', join(folder, 'vitest.config.ts'), '--root', folder],
      kind: 'vitest',
      mayRunAgain,
    },
  ])

it('counts a file that holds when it is run once more, alone, as it ended then', async () => {
  const mark = JSON.stringify(join(folder, 'was-here'))
  await asTest('good', 'expect(1).toBe(1)')
  await asTest('busy', `const was = existsSync(${mark}); writeFileSync(${mark}, ''); expect(was).toBe(true)`)
  expect(await run(true)).toEqual({ passed: 4, failed: 0 })
})

it('counts a file that fails twice as failed, and nobody twice', async () => {
  await asTest('good', 'expect(1).toBe(1)')
  await asTest('bad', 'expect(1).toBe(2)')
  expect(await run(true)).toEqual({ passed: 3, failed: 1 })
})

it('runs nothing again that was not said to be of that kind', async () => {
  const mark = JSON.stringify(join(folder, 'was-here'))
  await asTest('busy', `const was = existsSync(${mark}); writeFileSync(${mark}, ''); expect(was).toBe(true)`)
  expect(await run(false)).toEqual({ passed: 1, failed: 1 })
})

it('counts a file that does not load as one failure, and says why', async () => {
  await asTest('good', 'expect(1).toBe(1)')
  await writeFile(join(folder, 'broken.test.ts'), "throw new Error('not to be loaded')\n")
  expect(await run(false)).toEqual({ passed: 2, failed: 1 })
  expect(await readVitestReport(join(folder, 'nowhere.json'))).toBeNull()
})

it('names each failed test with the first line of its reason', async () => {
  await asTest('bad', "throw new Error('first line\\nsecond line')")
  const report = join(folder, 'report.json')
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--config', join(folder, 'vitest.config.ts'), '--root', folder],
      ...['--reporter=json', `--outputFile=${report}`],
    ],
    { stdio: 'ignore' },
  )
  await once(child, 'exit')
  expect(await readVitestReport(report)).toMatchObject({
    passed: 1,
    failed: 1,
    files: [{ passed: 1, failed: 1, reasons: ['b: Error: first line'] }],
  })
})
