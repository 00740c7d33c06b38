import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LAST_RESORT_CODE } from './last-resort.ts'

/** Runs a program of its own that installs it and then does something. */
async function runWith(area: 'agent' | 'console', act: string) {
  const base = join(import.meta.dirname, '../..', area, 'base')
  const program = `
    import { createLog } from ${JSON.stringify(`${base}/log.ts`)}
    import { installLastResort } from ${JSON.stringify(`${base}/last-resort.ts`)}
    installLastResort(createLog('info'))
    setTimeout(() => process.stdout.write('went on'), 2_000)
    ${act}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { out: '', err: '' }
  child.stdout.on('data', (part: Buffer) => {
    printed.out += part.toString('utf8')
  })
  child.stderr.on('data', (part: Buffer) => {
    printed.err += part.toString('utf8')
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...printed }
}

describe.each(['console', 'agent'] as const)('a fault that nothing caught, in the %s', (area) => {
  it.each([
    ['thrown by a timer', `setTimeout(() => { throw new Error('late') }, 10)`, 'Error: late'],
    ['a promise that nobody looked at', `Promise.reject(new Error('lonely'))`, 'Error: lonely'],
    ['no error at all', `setTimeout(() => { throw 'a text' }, 10)`, 'a text'],
    ['nothing', `Promise.reject(undefined)`, 'undefined'],
  ])('is one line of the log, and ends it: %s', async (_what, act, said) => {
    const { code, out, err } = await runWith(area, act)
    expect([code, out]).toEqual([LAST_RESORT_CODE, ''])
    const lines = err.trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    const line = JSON.parse(lines[0] ?? '') as Readonly<Record<string, unknown>>
    expect(line).toMatchObject({ msg: expect.stringContaining('a fault that nothing caught') })
    expect(String(line['fault'])).toContain(said)
  })

  it('forges no second line, however its text is made', async () => {
    const { code, err } = await runWith(
      area,
      `setTimeout(() => { throw new Error('x\\n{"level":30}\\u2028\\u001b[2J') }, 10)`,
    )
    expect(code).toBe(LAST_RESORT_CODE)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
    expect(err).not.toMatch(/[\u001b\u2028]/)
  })

  it('ends it also where the fault cannot even be told', async () => {
    const { code, out } = await runWith(
      area,
      `setTimeout(() => { throw { toString() { throw new Error('twice') } } }, 10)`,
    )
    expect([code, out]).toEqual([LAST_RESORT_CODE, ''])
  })
})

it('is installed by each process that runs for long', async () => {
  const root = join(import.meta.dirname, '../..')
  for (const file of [
    'console/cli/run.ts',
    'console/cli/signer.ts',
    'console/signer/signer-process.ts',
    'agent/cli/run.ts',
  ])
    expect(await readFile(join(root, file), 'utf8'), file).toMatch(/^ *installLastResort\(/m)
})
