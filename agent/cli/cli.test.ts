import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { AgentStatus } from '../base/status-file.ts'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { languageOf, messages } from './messages.ts'
import { statusLines } from './status.ts'
import { alignColumns, cellsOf, foldText } from './table.ts'

const program = fileURLToPath(new URL('./shoukou-agent.ts', import.meta.url))

async function run(
  args: readonly string[],
  locale = 'C',
): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], {
      env: { PATH: process.env['PATH'], LANG: locale },
    })
    return { code: 0, out: stdout, err: stderr }
  } catch (fault) {
    const { code, stdout, stderr } = fault as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

const status: AgentStatus = {
  v: 1,
  pid: 77,
  agentVersion: '0.1.0',
  startedAtMs: 0,
  writtenAtMs: 10_000,
  isStopped: false,
  agent: 'a1',
  computer: 'JM-0001',
  console: 'console.example:8444',
  link: {
    phase: 'waiting',
    trouble: { code: 'ECONNREFUSED', message: 'refused \u001b[2J', needsSomebody: false },
  },
  journal: {
    epoch: 'e',
    seq: 12,
    ackedSeq: null,
    bytes: 10,
    bytesMax: 1_000,
    waitingRecords: 0,
    writeFault: 'ENOSPC',
    lost: 3,
    gaps: 0,
  },
  policy: { version: 4, level: 'secret', networkMode: 'standalone', modes: { media: 'observe' } },
  coverage: [
    { sensor: 'usb', state: 'watching', method: 'netlink', reason: null, remedy: null },
    { sensor: 'files', state: 'not-watched', method: 'none', reason: 'needs CAP_SYS_ADMIN', remedy: null },
  ],
}

describe('status on a terminal', () => {
  const view = { liveness: 'running', now: 11_000, columns: 80 } as const

  it('shows each sensor with its state and why, and no control character of anybody', () => {
    const text = statusLines(status, { ...view, say: messages('en') }).join('\n')
    expect(text).toContain('not watched')
    expect(text).toContain('    needs CAP_SYS_ADMIN')
    expect(text).toContain('cannot write (ENOSPC)')
    expect(text).toContain('refused \\u{001b}[2J')
    expect(/[^\P{Cc}\n]/u.test(text)).toBe(false)
  })

  it('says how the network is controlled, and in whose words it is isolated', () => {
    const layers = [{ layer: 'packet-table', state: 'failed', detail: 'nft \u001b is missing' }]
    const network = {
      mode: 'enforce',
      isIsolated: true,
      isolationReason: 'lost \u202e',
      layers,
      conditions: 2,
    }
    const text = statusLines({ ...status, network }, { ...view, say: messages('en') }).join('\n')
    expect(text).toContain('Packet table failed (nft \\u{001b} is missing)')
    expect(text).toContain('ISOLATED, nothing but the console is reached (lost \\u{202e}), ')
    expect(text).toContain('2 forbidden things now')
    const zh = statusLines({ ...status, network }, { ...view, say: messages('zh') }).join('\n')
    expect(zh).toContain('已隔离，仅可连接控制台')
  })

  it('is aligned in Chinese, too', () => {
    const lines = statusLines(status, { ...view, say: messages('zh') })
    const rows = lines.filter((line) => /^(USB 设备|介质上的文件|监控项)/.test(line))
    expect(rows).toHaveLength(3)
    const starts = rows.map((row) => cellsOf(row.slice(0, /状态|监控中|未监控/.exec(row)?.index)))
    expect(new Set(starts).size).toBe(1)
  })
})

describe('tables', () => {
  it('count two cells for a wide character', () => {
    expect(cellsOf('秘密 ok')).toBe(7)
    expect(
      alignColumns([
        ['秘', 'x'],
        ['abc', 'y'],
      ]),
    ).toEqual(['秘   x', 'abc  y'])
  })

  it('fold long texts without losing anything', () => {
    const text = '需要 CAP_SYS_ADMIN 才能监控此文件系统 and some more words'
    const lines = foldText(text, 20)
    expect(Math.max(...lines.map(cellsOf))).toBeLessThanOrEqual(20)
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  })
})

describe('command line', { timeout: 90_000 }, () => {
  it('knows the language of the environment', () => {
    expect(languageOf({ LANG: 'zh_CN.UTF-8' })).toBe('zh')
    expect(languageOf({ LC_ALL: 'en_US.UTF-8', LANG: 'zh_CN.UTF-8' })).toBe('en')
    expect(languageOf({})).toBe('en')
  })

  it('names an option that it does not know, and those that it does', async () => {
    const { code, err } = await run(['status', '--colour'])
    expect(code).toBe(2)
    expect(err).toMatch(/--colour.*--state --json/)
    expect((await run(['dance'])).code).toBe(2)
    expect((await run(['dance'], 'zh_CN.UTF-8')).err).toContain('没有命令 dance')
  })

  it('says that no agent runs, with exit code 3', async () => {
    const folder = await makeFolderForTest()
    expect(await run(['status', '--state', folder])).toMatchObject({
      code: 3,
      out: `No agent has run on ${folder}.\n`,
    })
    expect(JSON.parse((await run(['status', '--json', '--state', folder])).out)).toEqual({
      liveness: 'not-running',
      status: null,
    })
  })

  it('does not run on a folder that is not enrolled, and says what to do', async () => {
    const folder = await makeFolderForTest()
    const { code, err } = await run(['run', '--state', folder])
    expect(code).toBe(1)
    expect(err).toMatch(/^shoukou-agent: .*not enrolled.*enroll --console.*\(not-enrolled\)\n$/)
  })

  it('refuses an unknown configuration key with the key’s name', async () => {
    const folder = await makeFolderForTest()
    await mkdir(folder, { recursive: true })
    await writeFile(`${folder}/agent.json`, '{"watchFolders":[]}')
    const { code, err } = await run(['run', '--config', `${folder}/agent.json`])
    expect(code).toBe(1)
    expect(err).toContain('"watchFolders"')
    expect(err.split('\n')).toHaveLength(2)
  })

  it('says in one sentence, in both languages, what keeps it from enrolling', async () => {
    const folder = await makeFolderForTest()
    const token = `sk1.${'A'.repeat(43)}.${'A'.repeat(43)}`
    const enrol = (state: string, locale: string) =>
      run(['enroll', '--console', 'https://localhost:1', '--token', token, '--state', state], locale)
    await writeFile(`${folder}/file`, '')
    expect((await enrol(folder, 'C')).err).toMatch(
      /^[^\n]*No console answers at localhost:1.*unreachable\)\n$/,
    )
    expect((await enrol(folder, 'zh_CN')).err).toMatch(/^[^\n]*localhost:1 没有控制台应答.*unreachable）\n$/)
    expect((await enrol(`${folder}/file`, 'C')).err).toMatch(
      /^[^\n]*state folder.*cannot be used.*unusable\)\n$/,
    )
    expect((await enrol('/proc/shoukou', 'zh_CN')).err).toMatch(
      /^[^\n]*状态目录 \/proc\/shoukou 无法使用.*）\n$/,
    )
  })

  it('refuses what is no token before anything is sent', async () => {
    const folder = await makeFolderForTest()
    const { code, err } = await run([
      'enroll',
      '--console',
      'https://localhost:1',
      '--token',
      'nonsense',
      '--state',
      folder,
    ])
    expect([code, err.includes('token-refused')]).toEqual([1, true])
  })
})
