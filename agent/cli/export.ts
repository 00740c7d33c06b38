/**
 * `export`: writes what the console has not acknowledged into an encrypted, signed bundle on a medium. Works while the
 * agent runs and while it does not. Exit code 0 written, 1 not.
 */
import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type HelloIdentity, PRODUCT_VERSION, ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { DEFAULT_RUN_FOLDER } from '../actions/hold-marks-linux.ts'
import { isErrno, readFileIfThere } from '../base/atomic-file.ts'
import { type BootClock, openBootClock } from '../base/boot-clock-linux.ts'
import { readConfigFile } from '../base/config.ts'
import { readHardware } from '../base/hardware-linux.ts'
import { DEFAULT_STATE_FOLDER, type StateFolder, stateFolder } from '../base/state-folder.ts'
import { type AgentStatus, livenessOf, statusFile } from '../base/status-file.ts'
import { judgeDestination, type MediumNotice } from '../bundle/destination.ts'
import { diskOfFolder } from '../bundle/destination-linux.ts'
import { type Exported, exportBundle } from '../bundle/export-bundle.ts'
import { NOTICE_FILE, NoticeSchema } from '../control/notice.ts'
import { type Identity, readIdentity } from '../link/identity.ts'
import { PolicyStore } from '../link/policy-store.ts'
import { isRenewalDue, renewalRequest } from '../link/renewal.ts'
import { type CommandInput, textOption } from './command-input.ts'
import { printable } from './table.ts'

const noticeCheck = checkOf(NoticeSchema)

export async function exportRecords(input: CommandInput): Promise<number> {
  const say = input.say.bundles
  const asked = textOption(input, 'to')
  if (asked === undefined) throw new ShoukouError('config-invalid', input.say.missingOption('to'))
  const to = resolve(asked)
  if (!(await isFolder(to))) return refuse(say.folderMissing(printable(to)))
  const folder = stateFolder(resolve(textOption(input, 'state') ?? DEFAULT_STATE_FOLDER))
  const identity = await readIdentity(folder)
  if (identity === null) throw new ShoukouError('not-enrolled', input.say.verifyEmpty(folder.root))
  const onDamaged = (path: string): void => void process.stderr.write(`${input.say.unread(path)}\n`)
  const policy = await PolicyStore.open(folder, identity, onDamaged)
  const running = await runningAgent(folder)
  const run = textOption(input, 'run') ?? DEFAULT_RUN_FOLDER
  const media = running === null ? null : await mediaNow(`${run}/${NOTICE_FILE}`)
  const verdict = judgeDestination(
    policy.current.settings.modes.media === 'enforce',
    media,
    await diskOfFolder(to),
  )
  if (verdict.kind === 'may-not') return refuse(say.exportRefused[verdict.why] ?? verdict.why)
  if (verdict.isWarned) process.stderr.write(`${say.exportWarned}\n`)
  const nowMs = Date.now()
  const boot = await openBootClock()
  const isTerminal = process.stderr.isTTY
  try {
    const done = await exportBundle({
      folder,
      identity,
      to,
      isAll: input.values['all'] === true,
      upTo: running === null ? null : { epoch: running.journal.epoch, seq: running.journal.seq },
      manifest: {
        agentVersion: PRODUCT_VERSION,
        bootId: boot.bootId,
        bootMs: boot.nowMs(),
        policyVersion: policy.current.version,
        coverage: [...(running?.coverage ?? [])],
        isRunning: running !== null,
        renewal: await renewalFor({ folder, identity, onDamaged }, nowMs),
        identity: await identityFor(folder, boot),
        ceilingVersion: policy.ceiling?.version ?? 0,
      },
      medium: verdict.medium,
      nowMs,
      onDamaged,
      onProgress: (records, of) => {
        if (isTerminal) process.stderr.write(`\r${say.exportProgress(records, of)}`)
      },
    })
    if (isTerminal) process.stderr.write('\n')
    return tell(input, done)
  } catch (fault) {
    if (isErrno(fault, 'ENOSPC', 'EDQUOT', 'EFBIG')) return refuse(say.exportFull(printable(to)))
    if (isErrno(fault, 'EEXIST')) return refuse(say.exportTaken(printable(pathOf(fault) ?? to)))
    throw fault
  }
}

function tell(input: CommandInput, done: Exported): number {
  const say = input.say.bundles
  if (input.values['json'] === true) process.stdout.write(`${JSON.stringify(done)}\n`)
  else {
    const bytes = `${(done.bytes / 1_000_000).toFixed(done.bytes < 1_000_000 ? 3 : 1)} MB`
    process.stdout.write(
      `${say.exported({ ...done, path: printable(done.path), bytes })}\n${say.exportNext}\n`,
    )
  }
  return 0
}

/** The status of an agent that runs now; null where none does. */
async function runningAgent(folder: StateFolder): Promise<AgentStatus | null> {
  const found = await statusFile.peek(folder.statusFile)
  if (found === null || found === 'damaged') return null
  const liveness = livenessOf(found, Date.now())
  return liveness === 'running' || liveness === 'hanging' ? found : null
}

async function mediaNow(path: string): Promise<readonly MediumNotice[] | null> {
  const bytes = await readFileIfThere(path)
  if (bytes === null) return null
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return noticeCheck.Check(value) ? value.media : null
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}

async function renewalFor(
  place: { folder: StateFolder; identity: Identity; onDamaged: (path: string) => void },
  nowMs: number,
): Promise<string | null> {
  if (!isRenewalDue(place.identity.certificate, nowMs)) return null
  return Buffer.from(await renewalRequest(place, nowMs)).toString('utf8')
}

/** Which machine it is, as the agent's hello says it: the process that exports is a run of its own. */
async function identityFor(folder: StateFolder, boot: BootClock): Promise<HelloIdentity> {
  const file = await readConfigFile(folder.configFile)
  return {
    runId: randomBytes(16).toString('hex'),
    bootMs: Math.max(0, Math.round(boot.nowMs())),
    hardware: file?.tellHardware === false ? null : await readHardware(),
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (fault) {
    if (isErrno(fault, 'ENOENT', 'ENOTDIR', 'EACCES')) return false
    throw fault
  }
}

function pathOf(fault: unknown): string | null {
  return fault instanceof Error && 'path' in fault && typeof fault.path === 'string' ? fault.path : null
}

function refuse(words: string): number {
  process.stderr.write(`${words}\n`)
  return 1
}
