import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { readFileIfThere, writeFileAtomic } from './atomic-file.ts'
import { createLog } from './log.ts'
import { stateFile } from './state-file.ts'
import { stateFolder } from './state-folder.ts'
import { takeStateLock } from './state-lock.ts'

describe('atomic files', () => {
  it('replace the content wholly and leave nothing beside it', async () => {
    const folder = await makeFolderForTest()
    await writeFileAtomic(`${folder}/f`, 'one')
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => writeFileAtomic(`${folder}/f`, String(n).repeat(1_000))),
    )
    expect((await readFile(`${folder}/f`, 'utf8')).length).toBeGreaterThanOrEqual(1_000)
    expect(await readdir(folder)).toEqual(['f'])
    expect((await stat(`${folder}/f`)).mode & 0o777).toBe(0o600)
  })

  it('tell a file that is not there from one that cannot be read', async () => {
    const folder = await makeFolderForTest()
    expect(await readFileIfThere(`${folder}/none`)).toBeNull()
    await expect(readFileIfThere(folder)).rejects.toMatchObject({ code: 'EISDIR' })
  })
})

describe('state files', () => {
  it('are set aside, told of and not overwritten where they are damaged; a mere look leaves them', async () => {
    const path = `${await makeFolderForTest()}/s.json`
    const file = stateFile(Type.Object({ a: Type.Integer() }, { additionalProperties: false }))
    await writeFile(path, '{"a":1,"b":2}')
    expect(await file.peek(path)).toBe('damaged')
    const told: string[] = []
    expect(await file.read(path, (each) => told.push(each))).toBeNull()
    expect(told).toEqual([path])
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe('{"a":1,"b":2}')
    expect(await file.read(path, () => {})).toBeNull()
  })
})

describe('state lock', () => {
  it('ends with its process, however that ends', async () => {
    const folder = stateFolder(await makeFolderForTest())
    const lockFile = new URL('./state-lock.ts', import.meta.url).href
    const code = `const { takeStateLock } = await import(${JSON.stringify(lockFile)});
      takeStateLock(${JSON.stringify(folder)}); process.stdout.write('held'); setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    expect(() => takeStateLock(folder)).toThrowError(expect.objectContaining({ code: 'journal-locked' }))
    holder.kill('SIGKILL')
    await once(holder, 'close')
    takeStateLock(folder).release()
  })
})

describe('log', () => {
  it('escapes what would move a terminal or its direction', () => {
    const lines: string[] = []
    createLog('info', (line) => lines.push(line)).info({ name: 'a\u001b[2J\u009b\u202e\n\u2028' }, 'device')
    expect(lines.join('')).toContain('a\\u001b[2J\\u009b\\u202e\\n\\u2028')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      name: 'a\u001b[2J\u009b\u202e\n\u2028',
      msg: 'device',
    })
  })
})
