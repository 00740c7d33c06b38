/** Temporary rights in use: keeps the grant book on disk, asks and takes spoken codes, and records each of its changes. */
import { createHash, randomInt } from 'node:crypto'
import {
  type Command,
  checkCode,
  type Fact,
  type FactNamed,
  makeChallenge,
  type Position,
  SPOKEN_COUNTER_MAX,
  SPOKEN_NONCE_MAX,
} from '@shoukou/protocol'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { controlFile } from './control-file.ts'
import {
  addGrant,
  askFor,
  countWrong,
  EMPTY_GRANT_BOOK,
  endGrants,
  forgetStay,
  type Grant,
  type GrantBook,
  grantFor,
  isLocked,
  type Now,
  removeGrant,
  takeCode,
} from './grant-book.ts'
import type { MediaCeiling } from './media-ceiling.ts'
import type { Stay } from './stay.ts'

export interface GrantDeskOptions {
  readonly path: string
  readonly clock: Clock
  /** Null: this computer was enrolled with a console that has no spoken codes. */
  readonly spokenKey: Uint8Array | null
  readonly tell: (fact: Fact) => Promise<Position | null>
  readonly log: Log
  /** Whether the ceiling allows it; left out: there is none. Commands were held to it before they came here. */
  readonly mayGrant?: MediaCeiling['mayGrant'] | undefined
}

export class GrantDesk {
  readonly #options: GrantDeskOptions
  #book: GrantBook
  #saving: Promise<void> = Promise.resolve()
  readonly #ended: string[] = []

  constructor(options: GrantDeskOptions, book: GrantBook) {
    this.#options = options
    this.#book = book
  }

  /** Reads the book. Stays of another boot are gone, and their grants and challenges with them; the counter stays. */
  static async open(options: GrantDeskOptions, onDamaged: (path: string) => void): Promise<GrantDesk> {
    const found = await controlFile.read(options.path, onDamaged)
    const { bootId } = options.clock
    const book: GrantBook = found?.book ?? EMPTY_GRANT_BOOK
    const isOfThisBoot = found?.bootId === bootId
    return new GrantDesk(options, isOfThisBoot ? book : { ...book, grants: [], challenges: [] })
  }

  /** The right that is granted to a stay now. */
  rightOf(instance: string): 'read-only' | 'read-write' | null {
    return grantFor(this.#book, instance, this.#now())?.right ?? null
  }

  /** The challenge to read out for a stay; null where none was asked for. */
  challengeOf(instance: string): string | null {
    return this.#book.challenges.find((each) => each.instance === instance)?.text ?? null
  }

  /** Makes a challenge for a medium that is kept out. The counter is on the disk before anybody can read it out. */
  async ask(stay: Stay): Promise<void> {
    const { spokenKey, log } = this.#options
    if (spokenKey === null || isLocked(this.#book, this.#now()) || this.challengeOf(stay.instance) !== null)
      return
    if (this.#book.counter >= SPOKEN_COUNTER_MAX)
      return log.error({}, 'the counter of spoken codes is used up')
    const { book } = askFor(this.#book, stay.instance, (counter) =>
      makeChallenge({ digest: digestOf(stay), counter, nonce: randomInt(SPOKEN_NONCE_MAX + 1) }),
    )
    await this.#keep(book)
  }

  /** A stay ended: what was asked or granted for it ends with it. */
  async forget(instance: string): Promise<void> {
    const had = grantFor(this.#book, instance, this.#now())
    if (had === null && this.challengeOf(instance) === null) return
    await this.#keep(removeGrant(forgetStay(this.#book, instance), instance))
    if (had !== null) await this.#tell(had, 'ended', 'gone', null)
  }

  /** Takes a grant that the console ordered. */
  async grant(command: Extract<Command, { name: 'grant-medium' }>, stay: Stay): Promise<void> {
    const { id, instance, right, minutes } = command
    const grant = this.#grantOf({ id, instance, right, minutes, source: 'console', counter: null })
    await this.#keep(addGrant(this.#book, grant))
    await this.#tell(grant, 'granted', null, stay)
  }

  /** Ends a stay's grant; reports whether it had one. */
  async end(instance: string): Promise<boolean> {
    const had = grantFor(this.#book, instance, this.#now())
    if (had === null) return false
    await this.#keep(removeGrant(this.#book, instance))
    await this.#tell(had, 'ended', 'ordered', null)
    return true
  }

  /** Returns the stays whose grant ended since the last call. */
  takeEnded(): readonly string[] {
    const { book, ended } = endGrants(this.#book, this.#now())
    if (ended.length > 0) {
      void this.#keep(book)
      for (const grant of ended) {
        this.#ended.push(grant.instance)
        void this.#tell(grant, 'ended', 'time', null)
      }
    }
    return this.#ended.splice(0)
  }

  /** Takes a code as somebody typed it; the stay that it opened, where it did. */
  async takeCode(
    text: string,
    stayOf: (instance: string) => Stay | null,
  ): Promise<{ readonly outcome: string; readonly instance: string | null }> {
    const { spokenKey } = this.#options
    if (spokenKey === null) return { outcome: 'no-spoken-codes', instance: null }
    if (isLocked(this.#book, this.#now())) return { outcome: 'locked', instance: null }
    let isMistyped = false
    for (const challenge of this.#book.challenges) {
      const check = checkCode({ spokenKey, challenge: challenge.text, code: text })
      if (!check.ok) {
        isMistyped = check.reason === 'check-digit'
        continue
      }
      const { instance, counter } = challenge
      const { right, minutes } = check
      if (this.#options.mayGrant?.({ right, minutes }) === false)
        return { outcome: 'beyond-ceiling', instance: null }
      const grant = this.#grantOf({
        id: `spoken-${counter}`,
        instance,
        right,
        minutes,
        source: 'spoken',
        counter,
      })
      await this.#keep(takeCode(this.#book, grant))
      await this.#tell(grant, 'granted', null, stayOf(instance))
      return { outcome: 'granted', instance }
    }
    // A check digit that is wrong is a slip of the tongue, and no try at guessing.
    if (isMistyped) return { outcome: 'mistyped', instance: null }
    const { book, hasLocked } = countWrong(this.#book, this.#now())
    await this.#keep(book)
    await this.#tellWrong(hasLocked)
    return { outcome: hasLocked ? 'locked' : 'wrong', instance: null }
  }

  #now(): Now {
    const { clock } = this.#options
    return { bootId: clock.bootId, bootMs: clock.bootMs() }
  }

  #grantOf(about: Pick<Grant, 'id' | 'instance' | 'right' | 'minutes' | 'source' | 'counter'>): Grant {
    const { bootId } = this.#options.clock
    return { ...about, bootId, untilBootMs: this.#options.clock.bootMs() + about.minutes * 60_000 }
  }

  async #tellWrong(hasLocked: boolean): Promise<void> {
    await this.#options.tell({
      kind: 'grant.changed',
      id: 'spoken',
      source: 'spoken',
      state: hasLocked ? 'locked' : 'refused',
      reason: 'wrong-code',
      right: 'none',
      minutes: 0,
      counter: null,
      place: null,
      passport: null,
    })
  }

  async #tell(
    grant: Grant,
    state: FactNamed<'grant.changed'>['state'],
    reason: string | null,
    stay: Stay | null,
  ): Promise<void> {
    const { id, source, right, minutes, counter } = grant
    const place = stay?.place ?? { usbPath: null, disk: null, instance: grant.instance }
    const passport = stay?.examined?.passport ?? null
    await this.#options.tell({
      kind: 'grant.changed',
      ...{ id, source, state, reason, right, minutes, counter, place, passport },
    })
  }

  /** In force at once; on the disk before anybody relies on it. */
  async #keep(book: GrantBook): Promise<void> {
    const { path, clock, log } = this.#options
    this.#book = book
    this.#saving = this.#saving.then(async () => {
      try {
        const { counter, grants, challenges, wrongTries, locked } = this.#book
        const all = { counter, grants: [...grants], challenges: [...challenges], wrongTries, locked }
        await controlFile.write(path, { v: 1, bootId: clock.bootId, book: all })
      } catch (fault) {
        log.error({ fault: String(fault) }, 'temporary rights not written')
      }
    })
    await this.#saving
  }
}

function digestOf(stay: Stay): string {
  return createHash('sha256')
    .update(`${stay.instance}\0${JSON.stringify(stay.examined?.passport ?? null)}`)
    .digest('hex')
}
