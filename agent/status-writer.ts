/** Keeps `status.json` fresh while the agent runs. */
import { type Coverage, PRODUCT_VERSION } from '@shoukou/protocol'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { StateFolder } from './base/state-folder.ts'
import { type AgentStatus, statusFile } from './base/status-file.ts'
import type { NetworkStatus } from './control/network/network-control.ts'
import type { Journal } from './journal/journal.ts'
import type { Identity } from './link/identity.ts'
import type { Link } from './link/link.ts'
import type { PolicyStore } from './link/policy-store.ts'

export interface StatusParts {
  readonly folder: StateFolder
  readonly identity: Identity
  readonly journal: Journal
  readonly policy: PolicyStore
  readonly link: Pick<Link, 'status'>
  readonly coverage: () => readonly Coverage[]
  /** Null where the network is not controlled. */
  readonly network: () => NetworkStatus | null
  readonly clock: Clock
  readonly log: Log
}

/** A reader takes an agent whose status is older than a few of these for one that hangs. */
export const STATUS_EVERY_MS = 2_000

export class StatusWriter {
  readonly #parts: StatusParts
  readonly #startedAtMs: number
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> | null = null
  #isDirty = false
  #isStopped = false

  constructor(parts: StatusParts) {
    this.#parts = parts
    this.#startedAtMs = parts.clock.wallMs()
  }

  start(): void {
    this.touch()
    this.#timer = setInterval(() => this.touch(), STATUS_EVERY_MS)
  }

  /** Writes soon; changes meanwhile share a write. */
  touch(): void {
    this.#isDirty = true
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#isStopped = true
    this.touch()
    await this.#writing
  }

  async #write(): Promise<void> {
    const { folder, log } = this.#parts
    while (this.#isDirty) {
      await Promise.resolve()
      this.#isDirty = false
      try {
        await statusFile.write(folder.statusFile, this.#status())
      } catch (fault) {
        log.warn({ fault: String(fault) }, 'status not written')
      }
    }
  }

  #status(): AgentStatus {
    const { clock, coverage, identity, journal, link, network, policy } = this.#parts
    const { settings, version } = policy.current
    const { phase, trouble } = link.status
    const { epoch, seq } = journal.end
    return {
      v: 1,
      pid: process.pid,
      agentVersion: PRODUCT_VERSION,
      startedAtMs: this.#startedAtMs,
      writtenAtMs: clock.wallMs(),
      isStopped: this.#isStopped,
      agent: identity.agent,
      computer: identity.computer,
      console: `${identity.host}:${identity.agentPort}`,
      link: { phase, trouble },
      journal: { epoch, seq, ackedSeq: journal.acked?.seq ?? null, ...journal.health },
      policy: {
        version,
        level: settings.level,
        networkMode: settings.networkMode,
        modes: { ...settings.modes },
      },
      coverage: [...coverage()],
      network: statusOf(network()),
    }
  }
}

function statusOf(found: NetworkStatus | null): Exclude<AgentStatus['network'], undefined> {
  if (found === null) return null
  const { mode, isIsolated, isolationReason, layers, conditions } = found
  return { mode, isIsolated, isolationReason, layers: layers.map((each) => ({ ...each })), conditions }
}
