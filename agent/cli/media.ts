/**
 * `media`: what is plugged in, what was refused and whom to ask; `--code` hands in the code that was read out. For
 * whoever sits at the computer: neither needs any right. Exit code 0 all well or granted, 1 refused, 3 no agent.
 */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { DEFAULT_RUN_FOLDER } from '../actions/hold-marks-linux.ts'
import { CODES_FOLDER, NOTICE_FILE, type Notice, NoticeSchema } from '../control/notice.ts'
import { type CommandInput, textOption } from './command-input.ts'
import type { Messages } from './messages.ts'
import { alignColumns, printable } from './table.ts'

const check = checkOf(NoticeSchema)
const exitNoAgent = 3
/** The agent looks for codes more than once a second. */
const answerMsMax = 8_000
const lookEveryMs = 200

export async function media(input: CommandInput): Promise<number> {
  const { say } = input
  const folder = textOption(input, 'run') ?? DEFAULT_RUN_FOLDER
  const notice = await readNotice(folder)
  if (notice === null) {
    process.stderr.write(`${say.mediaNoAgent}\n`)
    return exitNoAgent
  }
  const code = textOption(input, 'code')
  if (code === undefined) {
    process.stdout.write(`${mediaLines(notice, say).join('\n')}\n`)
    return 0
  }
  const outcome = await handIn(folder, code, notice.lastCode?.atMs ?? 0)
  process.stdout.write(`${say.codeOutcomes[outcome ?? 'none'] ?? printable(outcome ?? '')}\n`)
  return outcome === 'granted' ? 0 : 1
}

/** Returns the lines that a terminal shows. Pure. */
export function mediaLines(notice: Notice, say: Messages): string[] {
  const head = notice.isEnforcing ? say.mediaControlled : say.mediaObserved
  if (notice.media.length === 0) return [head, say.mediaNone]
  const rows = notice.media.map(({ name, number, right, rule, device }) => [
    printable(name),
    printable(number ?? '—'),
    say.rights[right],
    device === null ? '—' : `/dev/${printable(device)}`,
    say.mediaRules[rule] ?? printable(rule),
  ])
  const asking = notice.media.filter(({ right, challenge }) => right === 'none' && challenge !== null)
  return [
    head,
    '',
    ...alignColumns([say.mediaHeading, ...rows]),
    ...(notice.isEnforcing && notice.media.some(({ right }) => right === 'none')
      ? ['', notice.contact === '' ? say.mediaAsk : say.mediaAskAt(printable(notice.contact))]
      : []),
    ...asking.flatMap(({ name, challenge }) => [
      '',
      say.mediaChallenge(printable(name)),
      `    ${challenge ?? ''}`,
    ]),
  ]
}

async function handIn(folder: string, code: string, afterMs: number): Promise<string | null> {
  await writeFile(join(folder, CODES_FOLDER, randomUUID()), code.slice(0, 64), { mode: 0o600, flag: 'wx' })
  for (let waited = 0; waited < answerMsMax; waited += lookEveryMs) {
    await sleep(lookEveryMs)
    const last = (await readNotice(folder))?.lastCode ?? null
    if (last !== null && last.atMs > afterMs) return last.outcome
  }
  return null
}

async function readNotice(folder: string): Promise<Notice | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, NOTICE_FILE), 'utf8'))
    return check.Check(value) ? value : null
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    if (fault instanceof Error && 'code' in fault && (fault.code === 'ENOENT' || fault.code === 'EACCES'))
      return null
    throw fault
  }
}
