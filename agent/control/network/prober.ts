/**
 * Asks the unit's own address whether it answers, where policy orders that, and only where the same policy lets this
 * computer speak to it. Nothing is ever asked otherwise.
 */
import {
  approvedDestinations,
  type DestinationPolicy,
  type Fact,
  judgeDestination,
  type Picture,
  PROTOCOL_NUMBERS,
  type Probe,
  parseAddress,
} from '@shoukou/protocol'
import type { Log } from '../../base/log.ts'
import { interfaceToward } from '../../policy/network/route-lookup.ts'
import type { NetworkKernel } from './network-kernel.ts'

export interface ProberOptions {
  readonly kernel: Pick<NetworkKernel, 'probe'>
  readonly picture: () => Picture | null
  readonly tell: (fact: Fact) => unknown
  readonly log: Log
}

export class Prober {
  readonly #options: ProberOptions
  #timer: NodeJS.Timeout | null = null
  #order = ''

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** Follows policy: begins, changes or ends. `isIsolated`: nothing but the console may be asked, so nothing is. */
  follow(policy: DestinationPolicy, isIsolated: boolean): void {
    const probe = isIsolated ? null : probeOf(policy)
    const order = JSON.stringify(probe)
    if (order === this.#order) return
    this.#order = order
    this.stop()
    if (probe === null) return
    this.#timer = setInterval(() => void this.#ask(probe), probe.everyMinutes * 60_000)
    void this.#ask(probe)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  async #ask({ address, port }: Probe): Promise<void> {
    const { kernel, picture, tell, log } = this.#options
    const startedMs = performance.now()
    try {
      const result = await kernel.probe({ address, port })
      const tookMs = Math.max(0, Math.round(performance.now() - startedMs))
      tell({
        kind: 'network.probed',
        target: { address, port },
        result,
        tookMs,
        interfaceName: nameToward(address, picture()),
      })
    } catch (fault) {
      log.warn({ fault: String(fault) }, 'the address to be probed was not asked')
    }
  }
}

/** Returns what policy orders to be asked; null where that is nothing, or nothing that it approves itself. */
export function probeOf(policy: DestinationPolicy): Probe | null {
  const probe = policy.rules?.probe ?? null
  const address = probe === null ? null : parseAddress(probe.address)
  if (probe === null || address === null) return null
  const to = { address, port: probe.port, protocol: PROTOCOL_NUMBERS.tcp }
  return judgeDestination(approvedDestinations(policy), to, policy).isApproved ? probe : null
}

function nameToward(text: string, picture: Picture | null) {
  const address = parseAddress(text)
  if (address === null || picture === null) return null
  const index = interfaceToward(address, picture)
  return picture.interfaces.find((adapter) => adapter.index === index)?.name ?? null
}
