/** README.md is read by people who do what it says: every command in it exists, and answers. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ROOT } from './tracked-files.ts'

const run = promisify(execFile)
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>
}

describe('README.md', () => {
  it('names two commands for all set-up, which other tests and the build run', () => {
    const blocks = [...readme.matchAll(/```sh\n(.+)\n```/g)].map((match) => match[1])
    expect(blocks).toEqual(['npm start', 'npm test'])
  })

  it('names no script that does not exist, and each goes through the bootstrap', () => {
    const named = [...readme.matchAll(/`npm run ([a-z:-]+)/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(2)
    for (const name of [...named, 'start', 'test']) {
      expect(scripts, name).toHaveProperty([name])
      expect(scripts[`pre${name}`], name).toContain('scripts/bootstrap.cjs')
    }
  })

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '')
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
  })

  it.each(['shoukou-agent --help', 'shoukou-console --help'])(
    '`npx %s` answers',
    async (command) => {
      expect(readme).toContain(`npx ${command}`)
      const { stdout } = await run('npx', command.split(' '), { cwd: ROOT })
      expect(stdout).toContain(command.split(' ')[0])
      // npx itself takes seconds where the processor is busy.
    },
    30_000,
  )
})
