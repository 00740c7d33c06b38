/** npm makes each `bin` executable when it installs: unless git has it so too, a fresh clone is changed at once. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, it } from 'vitest'
import { listTrackedFiles, ROOT } from './tracked-files.ts'

const programs = listTrackedFiles()
  .filter((file) => /^[a-z]+\/package\.json$/.test(file))
  .flatMap((file) => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as {
      bin?: Readonly<Record<string, string>>
    }
    return Object.values(bin ?? {}).map((path) => posix.join(posix.dirname(file), path))
  })

it('there are programs', () => {
  expect(programs).toEqual(['agent/cli/shoukou-agent.ts', 'console/cli/shoukou-console.ts'])
})

it.each(programs)('%s is executable in git, and names its runtime', (file) => {
  const staged = execFileSync('git', ['ls-files', '--stage', '--', file], { cwd: ROOT, encoding: 'utf8' })
  expect(staged).toMatch(/^100755 /)
  expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})
