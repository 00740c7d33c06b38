/**
 * Tells conditions with their proof, in order. The picture in which a condition was found says what was so; what only a
 * full reading has (sockets with their owners, who sits at the computer) is read then and put beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Decision, Fact, FactNamed, Picture } from '@shoukou/protocol'
import type { Log } from '../../base/log.ts'
import { fitPicture } from './fit-picture.ts'
import type { NetworkKernel } from './network-kernel.ts'

export interface ConditionTellerOptions {
  readonly kernel: Pick<NetworkKernel, 'readPicture'>
  /** Resolves when it stands in a record. */
  readonly tell: (fact: Fact, decision: Decision | null) => Promise<unknown>
  readonly log: Log
}

/** A condition is told without the rest rather than later than this, ms. */
const readMsMax = 1_000
/** Conditions that begin within this share one reading, ms. */
const sharedMs = 100
/** How often, and after how many ms each, a radio is asked for the name of its network. */
const nameTriesMax = 4
const nameEveryMs = 200
/** Beyond these a storm is under way: told at once, without a picture. */
const waitingMax = 64

export class ConditionTeller {
  readonly #options: ConditionTellerOptions
  #telling: Promise<void> = Promise.resolve()
  /** What is told and does not stand in a record yet. */
  readonly #storing = new Set<Promise<void>>()
  #waiting = 0
  #reading: { readonly atMs: number; readonly picture: Promise<Picture | null> } | null = null

  constructor(options: ConditionTellerOptions) {
    this.#options = options
  }

  tell(fact: Fact, decision: Decision | null): void {
    if (fact.kind !== 'network.condition') return
    const needsReading = fact.picture !== null && this.#waiting < waitingMax
    const reading = needsReading ? this.#read() : null
    const isStorm = this.#waiting >= waitingMax
    this.#waiting += 1
    this.#telling = this.#telling.then(async () => {
      const whole = await this.#wholeOf(fact, reading, isStorm)
      this.#waiting -= 1
      this.#store(this.#options.tell(whole, decision))
    })
  }

  /** Resolves when all that was handed over is told. */
  async idle(): Promise<void> {
    await this.#telling
  }

  /** Resolves when all that was handed over stands in a record. */
  async stored(): Promise<void> {
    await this.#telling
    await Promise.all(this.#storing)
  }

  /** What goes wrong beside a condition keeps neither it nor those behind it from being told. */
  async #wholeOf(
    fact: FactNamed<'network.condition'>,
    reading: Promise<Picture | null> | null,
    isStorm: boolean,
  ): Promise<FactNamed<'network.condition'>> {
    try {
      const fresh = reading === null ? null : await this.#withName(fact, await reading)
      return { ...withRadio(fact, fresh), picture: isStorm ? null : joined(fact.picture, fresh) }
    } catch (fault) {
      this.#options.log.error({ fault: String(fault) }, 'a condition is told without its picture')
      return { ...fact, picture: null }
    }
  }

  #store(telling: Promise<unknown>): void {
    const stored = telling.then(
      () => undefined,
      (fault: unknown) => this.#options.log.error({ fault: String(fault) }, 'a condition was not recorded'),
    )
    const whole = stored.then(() => {
      this.#storing.delete(whole)
    })
    this.#storing.add(whole)
  }

  /** The kernel sets a radio's carrier before it says whose network that is: asked again, for a moment. */
  async #withName(fact: FactNamed<'network.condition'>, first: Picture | null): Promise<Picture | null> {
    let picture = first
    for (let tries = 0; tries < nameTriesMax && isNameless(fact, picture); tries += 1) {
      await sleep(nameEveryMs)
      picture = await this.#readInTime()
    }
    return picture
  }

  #read(): Promise<Picture | null> {
    const nowMs = performance.now()
    if (this.#reading !== null && nowMs - this.#reading.atMs < sharedMs) return this.#reading.picture
    const picture = this.#readInTime()
    this.#reading = { atMs: nowMs, picture }
    return picture
  }

  async #readInTime(): Promise<Picture | null> {
    const { kernel, log } = this.#options
    const { promise, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(() => resolve(null), readMsMax)
    try {
      return await Promise.race([kernel.readPicture(), promise])
    } catch (fault) {
      log.warn({ fault: String(fault) }, 'no picture could be read beside a condition')
      return null
    } finally {
      clearTimeout(timer)
    }
  }
}

function joined(found: Picture | null, fresh: Picture | null): Picture | null {
  if (found === null || fresh === null) return found
  const sessionAccount = fresh.sessionAccount ?? found.sessionAccount
  const wireless = fresh.unread.includes('wireless') ? found.wireless : fresh.wireless
  return fitPicture({ ...found, wireless, sockets: fresh.sockets, sessionAccount })
}

const radioConditions: readonly unknown[] = ['wireless-associated', 'access-point']

/** A carrier on a radio is told before nl80211 was asked whose network it is: the reading beside it knows. */
function withRadio(fact: FactNamed<'network.condition'>, fresh: Picture | null) {
  const radio = radioOf(fact, fresh)
  return { ...fact, text: fact.text ?? radio?.ssid ?? null, peerMac: fact.peerMac ?? radio?.bssid ?? null }
}

function isNameless(fact: FactNamed<'network.condition'>, picture: Picture | null): boolean {
  const isOfRadio = radioConditions.includes(fact.condition) && fact.interface !== null
  return isOfRadio && fact.text === null && (radioOf(fact, picture)?.ssid ?? null) === null
}

function radioOf(fact: FactNamed<'network.condition'>, picture: Picture | null) {
  if (!radioConditions.includes(fact.condition)) return undefined
  return picture?.wireless.find(({ interfaceIndex }) => interfaceIndex === fact.interface?.index)
}
