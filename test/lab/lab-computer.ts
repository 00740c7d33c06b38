/**
 * One computer of the lab with the product on it: a console on the host, a booted guest, the built agent enrolled there
 * over the guest's one link.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_POLICY_SETTINGS, type PolicySettings, type Record } from '@shoukou/protocol'
import type {
  Computer,
  GapItem,
  RecordItem,
  RecordsAnswer,
  ViolationItem,
  ViolationsAnswer,
} from '../../console/api/contract.ts'
import { buildAgent } from '../../scripts/build-agent.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { waitFor } from '../support/wait-for.ts'
import { bootGuest, GUEST_NODE, type Guest } from './boot-guest.ts'
import { CONSOLE_ADDRESS, LINK_BUS_PATH, LINK_MAC } from './qemu-arguments.ts'

export interface StoredRecord extends RecordItem {
  readonly record: Record
}

export interface LabComputer extends AsyncDisposable {
  readonly console: TestConsole
  readonly guest: Guest
  /** Signed in as security administrator. */
  readonly admin: ApiClient
  /** Starts the agent and waits until the console has its first record of this run. */
  startAgent(): Promise<void>
  /** Ends the agent as the kernel does: no goodbye. */
  killAgent(): Promise<void>
  /** Runs a command of the agent in the guest, on the state of the one that runs. */
  agent(command: string, options?: { readonly mayFail?: boolean }): Promise<string>
  computer(): Promise<Computer>
  /** Everything that the console stored of this computer, in its order. */
  records(): Promise<StoredRecord[]>
  violations(): Promise<ViolationItem[]>
  gaps(): Promise<GapItem[]>
  waitUntil(what: string, isSo: () => Promise<boolean>, timeoutMs?: number): Promise<void>
}

export const AGENT_STATE = '/var/lib/shoukou/agent'
/** The agent's command in the guest. */
export const AGENT = `${GUEST_NODE} /agent/shoukou-agent.mjs`
const AGENT_LOG = '/var/lib/shoukou/agent.log'
const ENROL_TIMEOUT_MS = 90_000
const START_TIMEOUT_MS = 120_000
const WAIT_TIMEOUT_MS = 60_000
/** First the few that may be new, then whatever else there is. */
const PAGES_RECORDS = [50, 500] as const

/** Starts console and guest and enrols; the agent does not run yet. */
export async function startLabComputer(
  options: {
    readonly settings?: Partial<PolicySettings>
    /** More hardware: see `GuestOptions.qemu`. */
    readonly qemu?: readonly string[]
    /** See `GuestOptions.translationMb`. */
    readonly translationMb?: number
    /** Run in the guest before the agent enrols: what is there then is the computer's own. */
    readonly beforeEnrolment?: string
    readonly say?: (line: string) => void
  } = {},
): Promise<LabComputer> {
  await using undo = new AsyncDisposableStack()
  const build = await mkdtemp(join(tmpdir(), 'shoukou-lab-agent-'))
  undo.defer(() => rm(build, { recursive: true, force: true }))
  const built = await buildAgent(join(build, 'agent'))
  const console = undo.use(
    await startTestConsole({
      names: [CONSOLE_ADDRESS],
      webRoot: fileURLToPath(new URL('../../console/web/dist', import.meta.url)),
    }),
  )
  const { port } = console.running
  const guest = undo.use(
    await bootGuest({
      consolePorts: [port, port + 1],
      agentFolder: built.folder,
      qemu: options.qemu ?? [],
      ...(options.translationMb === undefined ? {} : { translationMb: options.translationMb }),
      ...(options.say === undefined ? {} : { say: options.say }),
    }),
  )
  const settings: PolicySettings = {
    ...DEFAULT_POLICY_SETTINGS,
    approvedInterfaces: [{ mac: LINK_MAC, busPath: LINK_BUS_PATH, note: 'the link to the console' }],
    ...options.settings,
  }
  if (options.beforeEnrolment !== undefined) await guest.run(options.beforeEnrolment)
  const token = await console.token({ settings })
  await guest.run(
    `${AGENT} enroll --console https://${CONSOLE_ADDRESS}:${port} --token ${token} --state ${AGENT_STATE}`,
    { timeoutMs: ENROL_TIMEOUT_MS },
  )
  const admin = await console.signIn('secadmin')

  const first = async (): Promise<Computer> => {
    const { computers } = await admin.get<{ computers: Computer[] }>('/api/computers')
    const [computer] = computers
    if (computer === undefined) throw new Error('the console knows no computer')
    return computer
  }
  // A record never changes: what was fetched is kept, or a busy scenario would fetch thousands ten times a second.
  const fetched = new Map<string, StoredRecord>()
  const records = async (): Promise<StoredRecord[]> => {
    const { agent } = await first()
    let isKnown = false
    let limit: number = PAGES_RECORDS[0]
    for (let before: string | null = ''; before !== null && !isKnown; limit = PAGES_RECORDS[1]) {
      const page: RecordsAnswer = await admin.get(
        `/api/computers/${agent}/records?limit=${limit}${before === '' ? '' : `&before=${before}`}`,
      )
      for (const item of page.records) {
        const place = `${item.epoch} ${item.seq}`
        if (fetched.has(place)) isKnown = true
        else fetched.set(place, { ...item, record: JSON.parse(item.raw) as Record })
      }
      before = page.nextBefore
    }
    return [...fetched.values()].toSorted(byPlace)
  }
  const waitUntil: LabComputer['waitUntil'] = async (what, isSo, timeoutMs = WAIT_TIMEOUT_MS) => {
    await waitFor(isSo, {
      what,
      timeoutMs,
      everyMs: 100,
      explain: async () => {
        const log = await guest.run(`tail -n 15 ${AGENT_LOG}`, { mayFail: true })
        return `the agent's log:\n${log.stdout}${log.stderr}`
      },
    })
  }
  const starts = async () => (await records()).filter(({ kind }) => kind === 'agent.started').length

  const whole = undo.move()
  return {
    console,
    guest,
    admin,
    async startAgent() {
      const startsBefore = await starts()
      await guest.run(
        `setsid ${AGENT} run --state ${AGENT_STATE} </dev/null >>${AGENT_LOG} 2>&1 & echo $! >/run/agent.pid`,
      )
      await waitUntil(
        'the agent to report its start',
        async () => (await starts()) > startsBefore,
        START_TIMEOUT_MS,
      )
    },
    async killAgent() {
      await guest.run(
        'kill -KILL "$(cat /run/agent.pid)"; while [ -e /proc/$(cat /run/agent.pid) ]; do sleep 0.02; done',
      )
    },
    agent: async (command, more = {}) =>
      (
        await guest.run(`${AGENT} ${command} --state ${AGENT_STATE}`, {
          ...more,
          timeoutMs: ENROL_TIMEOUT_MS,
        })
      ).stdout,
    computer: first,
    records,
    violations: async () =>
      (await admin.get<ViolationsAnswer>('/api/violations?limit=200')).violations.toSorted(
        (a, b) => a.id - b.id,
      ),
    gaps: async () =>
      (await admin.get<{ gaps: GapItem[] }>(`/api/computers/${(await first()).agent}/gaps`)).gaps,
    waitUntil,
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  }
}

function byPlace(a: RecordItem, b: RecordItem): number {
  return a.epoch === b.epoch ? a.seq - b.seq : a.epoch < b.epoch ? -1 : 1
}
