import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createLog } from '../base/log.ts'
import type { Notice } from '../control/notice.ts'
import { NoticeBoard } from '../control/notice-board-linux.ts'
import { mediaLines } from './media.ts'
import { messages } from './messages.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./shoukou-agent.ts', import.meta.url))
const log = createLog('error', (line) => console.error(line))
const notice: Notice = {
  v: 1,
  computer: 'JM-0231',
  isEnforcing: true,
  contact: '保密办 305 室，电话 8123',
  media: [
    {
      name: 'Data\u001b[31mTraveler',
      right: 'none',
      device: null,
      rule: 'unregistered-media-inserted',
      number: null,
      challenge: '0123 4567 8901 2345',
    },
    {
      name: 'Red disk',
      right: 'read-write',
      device: 'sdb',
      rule: 'registered-medium',
      number: 'YM-0007',
      challenge: null,
    },
  ],
  lastCode: null,
}

/** A board whose agent takes one code. */
function openBoard() {
  const folder = mkdtempSync(join(tmpdir(), 'shoukou-board-'))
  const codes: string[] = []
  const board = new NoticeBoard({
    folder,
    onCode: async (text) => {
      codes.push(text)
      return text.trim() === '1111 2222' ? 'granted' : 'wrong'
    },
    log,
  })
  return { folder, board, codes }
}

describe('what is told at the computer', () => {
  it('names each medium, why it was refused and whom to ask, with hostile names shown as text', () => {
    const zh = mediaLines(notice, messages('zh')).join('\n')
    expect(zh).toContain('未登记')
    expect(zh).toContain('YM-0007')
    expect(zh).toContain('保密办 305 室，电话 8123')
    expect(zh).toContain('0123 4567 8901 2345')
    expect(zh).not.toContain('\u001b')
    const en = mediaLines(notice, messages('en')).join('\n')
    expect(en).toContain('not registered')
    expect(en).toContain('read and write')
    expect(en).toContain('/dev/sdb')
  })

  it('has words for every rule that a medium can be decided by, in both languages', async () => {
    const { ALLOWING_RULES, REFUSING_RULES } = await import('@shoukou/protocol')
    for (const language of ['zh', 'en'] as const) {
      const { mediaRules } = messages(language)
      for (const rule of [...ALLOWING_RULES, ...REFUSING_RULES, 'baseline', 'granted'])
        expect(mediaRules[rule], `${language} ${rule}`).toBeTypeOf('string')
    }
  })
})

describe('a code that was read out', () => {
  it('is handed in by anybody, answered, and taken away', async () => {
    const { folder, board, codes } = openBoard()
    expect(board.start()).toBe(true)
    try {
      board.show(notice)
      expect((statSync(join(folder, 'codes')).mode & 0o7777).toString(8)).toBe('1733')
      const answer = await run(process.execPath, [program, 'media', '--code', '1111 2222', '--run', folder], {
        env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
      })
      expect(answer.stdout).toContain('let in')
      expect(codes).toEqual(['1111 2222'])
    } finally {
      await board.stop()
    }
  })

  it('is read from a small regular file alone: no link is followed, no pile is read through', async () => {
    const { folder, board, codes } = openBoard()
    expect(board.start()).toBe(true)
    try {
      const secret = join(folder, 'secret')
      writeFileSync(secret, 'what only root may read')
      chmodSync(secret, 0o600)
      symlinkSync(secret, join(folder, 'codes', 'a-link'))
      writeFileSync(join(folder, 'codes', 'b-long'), '9'.repeat(10_000))
      for (let at = 0; at < 40; at += 1) writeFileSync(join(folder, 'codes', `c${at}`), '1')
      await expect.poll(() => codes.length, { timeout: 5_000, interval: 50 }).toBeGreaterThan(0)
      expect(codes[0]).toBe('9'.repeat(64))
      expect(codes.length).toBeLessThanOrEqual(4)
      expect(codes.join('')).not.toContain('only root')
    } finally {
      await board.stop()
    }
  })
})
