/** Network control with a kernel in memory, a policy that a test changes, and a state file that outlives it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Decision,
  FACT_SCHEMAS,
  type Fact,
  type FactKind,
  type FactNamed,
  type NetworkInterface,
  type Origin,
  type Picture,
  type Policy,
} from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { createLog } from '../../../base/log.ts'
import { decide, type Surroundings } from '../../../policy/decide.ts'
import { adapterOf, type PolicyParts, policyOf } from '../../../policy/network/testing/pictures.ts'
import { NetworkBook } from '../network-book.ts'
import { NetworkControl } from '../network-control.ts'
import type { NetworkKernel } from '../network-kernel.ts'
import { NetworkKernelInMemory } from './network-kernel-in-memory.ts'

export interface Told {
  readonly sensor: string
  readonly fact: Fact
  readonly decision: Decision | null
}

const around: Surroundings = { usbAt: () => null, usbDevices: () => [], workingKeyboards: 1 }
export const CONSOLE_ADDRESS = '10.1.0.9'

export class NetworkBench {
  readonly kernel = new NetworkKernelInMemory()
  /** Stands in for the kernel in memory. */
  otherKernel: NetworkKernel | null = null
  readonly told: Told[] = []
  readonly folder = mkdtempSync(join(tmpdir(), 'shoukou-network-'))
  policy: Policy = policyOf({ mode: 'observe' })
  bootId = 'boot-1'
  isFirstStart = false
  isReleased = false
  consoleAddresses: readonly string[] = [CONSOLE_ADDRESS]
  interfacesAtStart: readonly NetworkInterface[] = []
  resolves = 0
  /** What a record waits for until it is on the disk. */
  storing: Promise<void> = Promise.resolve()
  control: NetworkControl | null = null
  #series = 0
  #book: NetworkBook | null = null

  async start(): Promise<NetworkControl> {
    const book = await NetworkBook.open(
      {
        path: join(this.folder, 'network.json'),
        bootId: this.bootId,
        onFault: (fault) => {
          throw fault
        },
      },
      (path) => {
        throw new Error(`${path} is damaged`)
      },
    )
    this.#book = book
    this.control = new NetworkControl({
      kernel: this.otherKernel ?? this.kernel,
      policy: () => this.policy,
      isReleased: () => this.isReleased,
      book,
      tell: async (sensor, fact, decision) => {
        this.told.push({ sensor, fact: structuredClone(fact), decision })
        await this.storing
        return { epoch: 'e', seq: this.told.length, head: '' }
      },
      console: {
        port: 8444,
        resolve: async () => {
          this.resolves += 1
          return this.consoleAddresses
        },
      },
      interfacesAtStart: this.interfacesAtStart,
      isFirstStart: this.isFirstStart,
      onPicture: () => undefined,
      newSeries: () => {
        this.#series += 1
        return `series-${this.#series}`
      },
      clock: { wallMs: () => Date.now(), bootMs: () => performance.now(), bootId: this.bootId },
      log: createLog('error', () => {}),
      onChange: () => undefined,
    })
    await this.control.start()
    return this.control
  }

  async stop(): Promise<void> {
    await this.control?.stop()
    this.control = null
  }

  /** As a kill leaves it: nothing is said, nothing let go of. */
  async kill(): Promise<void> {
    await this.control?.idle()
    await new Promise((resolve) => setTimeout(resolve, 50))
    // However busy the disk is: what was being written is there.
    await this.#book?.saved()
    this.control = null
    this.kernel.connections.isOpen = false
    this.kernel.packets.isOpen = false
  }

  setPolicy(parts: PolicyParts): void {
    this.policy = policyOf({ version: this.policy.version + 1, ...parts })
    this.control?.onPolicy()
  }

  /** Has a fact decided and acted on, as the pipeline does. */
  fact(fact: Fact): void {
    this.control?.onDecided(fact, decide(this.policy, fact, around))
  }

  appear(adapter: NetworkInterface, origin: Origin = 'appeared'): void {
    this.fact({ kind: 'network.interface-added', origin, sighting: 'snapshot', interface: adapter })
  }

  change(before: NetworkInterface, adapter: NetworkInterface): void {
    this.fact({ kind: 'network.interface-changed', before, interface: adapter })
  }

  /** What the sensor tells at its start: the interfaces, the routes, then the picture. */
  see(picture: Picture, cause: 'start' | 'changed' = 'start'): void {
    if (cause === 'start') {
      for (const adapter of picture.interfaces) this.appear(adapter, 'still-present')
      const added = [...picture.routes]
      this.fact({
        kind: 'network.routes-changed',
        origin: 'still-present',
        added,
        removed: [],
        continues: false,
      })
    }
    this.kernel.picture = picture
    this.fact({ kind: 'network.picture', cause, picture })
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      await this.control?.idle()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  facts<K extends FactKind>(kind: K): FactNamed<K>[] {
    return this.told.flatMap(({ fact }) => (fact.kind === kind ? [fact as FactNamed<K>] : []))
  }

  /** Conditions as `began code origin outcome`. */
  conditions(): string[] {
    return this.told.flatMap(({ fact, decision }) =>
      fact.kind === 'network.condition'
        ? [
            `${fact.state} ${fact.condition} ${fact.state === 'began' ? `${fact.origin} ${decision?.outcome ?? '-'}` : ''}`.trim(),
          ]
        : [],
    )
  }

  /** Acts as `cut usb0: packet-table done, link-down done`. */
  acted(): string[] {
    return this.facts('network.acted').map(({ act, cause, steps }) => {
      const done = steps.map(({ step, result }) => `${step} ${result}`).join(', ')
      return `${act} ${cause}: ${done}`
    })
  }
}

/** Starts control over a new bench, under a policy. */
export async function startedBench(parts: PolicyParts = { mode: 'enforce' }): Promise<NetworkBench> {
  const bench = new NetworkBench()
  bench.setPolicy(parts)
  await bench.start()
  return bench
}

/** Ends a bench; what it told is what its kind requires: a record that is not would never leave the computer. */
export async function endBench(bench: NetworkBench): Promise<void> {
  await bench.stop()
  for (const { fact } of bench.told) {
    const faults = [...Compile(FACT_SCHEMAS[fact.kind]).Errors(fact)]
    if (faults.length > 0)
      throw new Error(`${fact.kind}: ${faults.map(({ instancePath }) => instancePath).join(' ')}`)
  }
}

/** A telephone that shares its connection, by USB. */
export const tether = adapterOf(7, 'usb0', ['192.168.42.5/24'], {
  usbPath: '1-1',
  busPath: '1-1:1.0',
  medium: 'usb-tether',
  tether: 'rndis',
})
