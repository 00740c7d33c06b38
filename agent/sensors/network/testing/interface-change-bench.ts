/**
 * Measures how long a change of an interface takes from the kernel to the journal: a veth that goes up and down by
 * requests of this thread, the real sensor, the real pipeline, a real journal on the disk with its syncs.
 *
 * The clock starts right before the kernel is asked, so that the figure holds the kernel's own work too, and stops when
 * the record is synced. Everything runs in one process and in a network namespace of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DEFAULT_POLICY_SETTINGS, type Fact, type Policy, rawTextKey } from '@shoukou/protocol'
import { NETLINK_ROUTE, openNetlink } from '../../../base/netlink-linux.ts'
import { LazyPoller } from '../../../base/poll-linux.ts'
import { createJournal } from '../../../journal/epoch-folder.ts'
import { openJournal } from '../../../journal/open-journal.ts'
import { createPipeline, recordMaker } from '../../../pipeline.ts'
import { buildFact, memoryLog, testAgent } from '../../../testing/test-facts.ts'
import type { SensorContext } from '../../sensor.ts'
import { createNetworkSensor } from '../network-sensor.ts'
import type { ReadPicture } from '../picture-tables.ts'
import { enterOwnNamespace } from './own-namespace-linux.ts'

export interface InterfaceChangeOptions {
  readonly flaps: number
  /** ms to wait between one flap and the next; 0 to 30 in turns where it is left out. */
  readonly pauseMs?: (flap: number) => number
  readonly readPicture?: ReadPicture
  /** Where the journal's folder is made: syncs are as fast as that disk. */
  readonly folder?: string
}

export interface InterfaceChangeFigures {
  readonly flaps: number
  /** Flaps of which no record came within 5 s. */
  readonly missed: number
  /** From the kernel to the pipeline, and to the synced journal, in ms. */
  readonly toldMs: Spread
  readonly journalMs: Spread
}

export interface Spread {
  readonly median: number
  readonly p99: number
  readonly max: number
}

const missedAfterMs = 5_000
const baseline = { takenAtMs: 0, usb: [], disks: [], interfaces: [] }
const policy: Policy = {
  v: 1,
  agent: testAgent,
  computer: 'bench',
  version: 1,
  issuedAtMs: 0,
  settings: DEFAULT_POLICY_SETTINGS,
  baseline,
}

/** Measures. @throws where this process is not root. */
export async function measureInterfaceChanges(
  options: InterfaceChangeOptions,
): Promise<InterfaceChangeFigures> {
  const { flaps, pauseMs = (flap) => (flap * 7) % 31, readPicture } = options
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), 'shoukou-flaps-'))
  const journalFolder = join(folder, 'journal')
  await createJournal(journalFolder)
  const journal = await openJournal({
    folder: journalFolder,
    agent: testAgent,
    bytesMax: 256 * 1_048_576,
    buildOwn: buildFact,
    wallMs: () => Date.now(),
    log: memoryLog(),
  })
  const clock = {
    bootId: '00000000-0000-4000-8000-000000000000',
    wallMs: () => Date.now(),
    bootMs: () => performance.now(),
  }
  const makeRecord = recordMaker({ agent: testAgent, clock, policy: () => policy })
  const pipeline = createPipeline({ journal, makeRecord, policy: () => policy })
  const own = enterOwnNamespace()
  const poller = new LazyPoller()
  const ending = new AbortController()
  try {
    own.ip('link add skv0 type veth peer name skv1')
    own.ip('link set skv1 up')
    const flapper = await openFlapper()
    const watched = new FlapWatch()
    const started = Promise.withResolvers<undefined>()
    const context: SensorContext = {
      signal: ending.signal,
      emit(fact) {
        const toldMs = performance.now()
        const synced = pipeline.tell('network', fact)
        watched.told(fact, toldMs, synced)
      },
      cover: () => undefined,
      ready: () => started.resolve(undefined),
      originAtStart: () => 'present-at-start',
      remember: () => undefined,
      toldBefore: new Set(),
      baseline,
      log: memoryLog(),
    }
    const sensor = createNetworkSensor({ poller, sys: own.sys, ...(readPicture && { readPicture }) })
    const running = sensor.run(context)
    await Promise.race([started.promise, running])
    for (let flap = 0; flap < flaps; flap += 1) {
      await pause(pauseMs(flap))
      const isUp = flap % 2 === 0
      const recorded = watched.expect(isUp, performance.now())
      flapper.set(watched.indexOf('skv0'), isUp)
      await Promise.race([recorded, pause(missedAfterMs, undefined, { ref: false })])
    }
    ending.abort()
    await running
    flapper.close()
    return watched.figures(flaps)
  } finally {
    ending.abort()
    await poller.close()
    own.leave()
    await journal.close()
    await rm(folder, { recursive: true })
  }
}

/** Knows which state is awaited, and when it was told and synced. */
class FlapWatch {
  readonly #indexes = new Map<string, number>()
  readonly #toldMs: number[] = []
  readonly #journalMs: number[] = []
  #awaited: { readonly isUp: boolean; readonly sinceMs: number; readonly done: () => void } | null = null

  indexOf(name: string): number {
    return this.#indexes.get(rawTextKey(name)) ?? 0
  }

  /** Resolves when the record of this state is synced. */
  expect(isUp: boolean, sinceMs: number): Promise<void> {
    return new Promise((done) => {
      this.#awaited = { isUp, sinceMs, done }
    })
  }

  told(fact: Fact, toldMs: number, synced: Promise<unknown>): void {
    if (fact.kind === 'network.interface-added') {
      this.#indexes.set(rawTextKey(fact.interface.name), fact.interface.index)
    }
    const awaited = this.#awaited
    const isIt =
      awaited !== null &&
      fact.kind === 'network.interface-changed' &&
      fact.interface.name === 'skv0' &&
      fact.interface.isAdminUp === awaited.isUp
    if (!isIt) return
    this.#awaited = null
    void synced.then((place) => {
      if (place === null) return
      this.#toldMs.push(toldMs - awaited.sinceMs)
      this.#journalMs.push(performance.now() - awaited.sinceMs)
      awaited.done()
    })
  }

  figures(flaps: number): InterfaceChangeFigures {
    return {
      flaps,
      missed: flaps - this.#journalMs.length,
      toldMs: spreadOf(this.#toldMs),
      journalMs: spreadOf(this.#journalMs),
    }
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(
      (sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN) * 100,
    ) / 100
  return { median: at(0.5), p99: at(0.99), max: at(1) }
}

const RTM_NEWLINK = 16
const NLM_F_REQUEST = 1
const IFF_UP = 1

/** Sets an interface up or down by RTM_NEWLINK: done when `set` returns. */
async function openFlapper(): Promise<{ set: (index: number, isUp: boolean) => void; close: () => void }> {
  const socket = await openNetlink({ protocol: NETLINK_ROUTE, groups: 0, receiveBufferBytes: 65_536 })
  return {
    set(index, isUp) {
      const bytes = Buffer.alloc(32)
      bytes.writeUInt32LE(bytes.length, 0)
      bytes.writeUInt16LE(RTM_NEWLINK, 4)
      bytes.writeUInt16LE(NLM_F_REQUEST, 6)
      bytes.writeInt32LE(index, 20)
      bytes.writeUInt32LE(isUp ? IFF_UP : 0, 24)
      bytes.writeUInt32LE(IFF_UP, 28)
      socket.send(bytes)
    },
    close: () => socket.close(),
  }
}
