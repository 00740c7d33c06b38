import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PictureFiles } from './picture-files-linux.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'))
})
afterEach(() => rmSync(root, { recursive: true }))

it('says nothing of what is not there, and that is no gap', () => {
  const files = new PictureFiles(root)
  expect([
    files.read('/etc/none'),
    files.text('/etc/none'),
    files.names('/none'),
    files.link('/none'),
  ]).toEqual([null, '', [], null])
  expect(files.hasGap).toBe(false)
})

it('is not held by a FIFO or a folder in the place of a file: a gap', () => {
  execFileSync('mkfifo', [`${root}/trap.lease`])
  mkdirSync(`${root}/folder`)
  for (const path of ['/trap.lease', '/folder']) {
    const files = new PictureFiles(root)
    expect(files.read(path)).toBeNull()
    expect(files.hasGap).toBe(true)
  }
})

it('reads the end of a file that is too long, where the newest stands', () => {
  writeFileSync(`${root}/log`, `${'old\n'.repeat(100_000)}new\n`)
  const text = new PictureFiles(root).text('/log')
  expect([text.length, text.endsWith('old\nnew\n')]).toEqual([262_144, true])
})

it('reads files that have no size, and names that are no text', () => {
  expect(new PictureFiles('/').text('/proc/self/comm').length).toBeGreaterThan(1)
  const name = Buffer.from([0x2f, 0xff, 0x61])
  writeFileSync(Buffer.concat([Buffer.from(root), name]), 'x')
  const files = new PictureFiles(root)
  expect(files.names('/')).toEqual(['\xffa'])
  expect(files.text('/\xffa')).toBe('x')
})

it('tells of a folder with more in it than it reads', () => {
  for (let index = 0; index < 513; index += 1) writeFileSync(`${root}/${index}.lease`, '')
  const files = new PictureFiles(root)
  expect([files.names('/').length, files.hasGap]).toEqual([512, true])
})
