/**
 * The register of media: each act reads, decides and writes in its turn, and leaves the medium, its history and what is due
 * to computers in one transaction. Who may act, and the log of what administrators do, are the API's.
 */
import { type MediumState, type Passport, ShoukouError } from '@shoukou/protocol'
import type { Fault } from '../../ledger/check-entry.ts'
import {
  assertLevelNotLowered,
  assertValidity,
  type Changes,
  changesBetween,
  changeTheSeal,
  detailsOf,
  isMediumNumber,
  type MediumDetails,
  plainNumber,
} from '../../ledger/medium-details.ts'
import { isAway, isUsable, MEDIUM_TRANSITIONS, mayFollow, needsNewSeal } from '../../ledger/medium-states.ts'
import type { Signer } from '../../pki/signer.ts'
import type {
  MediaPolicyDue,
  MediumEventRow,
  MediumRow,
  MediumSeal,
  MediumWrite,
} from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'
import { checkCustodian } from '../registers/check-against.ts'
import { refuseFaults } from '../registers/faults.ts'
import { officerFor } from '../registers/officers.ts'
import { rememberReads } from '../registers/remember-reads.ts'
import { type RecordName, readExaminedPassport } from './examined-passport.ts'
import { assertNoTwin, indexKeysOf } from './find-twin.ts'
import { numberMedia } from './number-media.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { issueSeal } from './seals.ts'

export interface NewMediumRequest extends MediumDetails {
  readonly number?: string | undefined
  readonly reason: string
  readonly from: RecordName | null
}

export interface MediumChangeRequest extends MediumDetails {
  readonly baseVersion: number
  /** The person who acts, and the classification officer who decided on another level, where that is somebody else. */
  readonly person?: string | null
  readonly officer?: string | undefined
  readonly reason: string
}

export interface StateChangeRequest {
  readonly baseVersion: number
  readonly state: MediumState
  /** By when it is to be back; null or left out: no day is agreed. */
  readonly dueBackMs?: number | null
  readonly reason: string
}

export interface PassportRequest {
  readonly baseVersion: number
  readonly from: RecordName
  readonly reason: string
}

/** One row of a spreadsheet; `number` null: the next by counting. */
export interface ImportedMedium extends MediumDetails {
  readonly number: string | null
}

export interface Imported {
  readonly registered: number
  readonly firstNumber: string
  readonly lastNumber: string
}

/** Acts resolve to the medium as they left it. All throw ShoukouError with words for a person. */
export interface MediaRegister {
  register(asked: NewMediumRequest, account: string): Promise<MediumRow>
  change(number: string, asked: MediumChangeRequest, account: string): Promise<MediumRow>
  setState(number: string, asked: StateChangeRequest, account: string): Promise<MediumRow>
  /** Takes what was examined as what the medium is known by from now on. */
  setPassport(number: string, asked: PassportRequest, account: string): Promise<MediumRow>
  /** Signs the seal anew as it is, with the daily key of now; older seals of the medium are not made void by it. */
  sealAnew(
    number: string,
    asked: { readonly baseVersion: number; readonly reason: string },
    account: string,
  ): Promise<MediumRow>
  /** Registers all of them or none. */
  importAll(rows: readonly ImportedMedium[], reason: string, account: string): Promise<Imported>
}

export interface RegisterOptions {
  readonly store: Store
  readonly signer: Signer
  readonly now: () => number
  /** Called when policies are due. */
  readonly due: () => void
}

export function createMediaRegister(options: RegisterOptions): MediaRegister {
  const inTurn = oneAtATime()
  const register = new Register(options)
  return {
    register: (asked, account) => inTurn(() => register.register(asked, account)),
    change: (number, asked, account) => inTurn(() => register.change(number, asked, account)),
    setState: (number, asked, account) => inTurn(() => register.setState(number, asked, account)),
    setPassport: (number, asked, account) => inTurn(() => register.setPassport(number, asked, account)),
    sealAnew: (number, asked, account) => inTurn(() => register.sealAnew(number, asked, account)),
    importAll: (rows, reason, account) => inTurn(() => register.importAll(rows, { reason, account })),
  }
}

/** Two years: what is away for longer is given to whoever has it. */
const loanMsMax = 731 * 86_400_000

type Draft = Omit<MediumRow, 'id'>

interface Act {
  readonly account: string
  readonly reason: string
}

class Register {
  readonly #options: RegisterOptions

  constructor(options: RegisterOptions) {
    this.#options = options
  }

  async register(asked: NewMediumRequest, account: string): Promise<MediumRow> {
    const { store } = this.#options
    const act = { account, reason: reasonOf(asked.reason) }
    const details = await this.#checked(detailsOf(asked))
    const passport = asked.from === null ? null : await readExaminedPassport(store, asked.from)
    if (passport !== null) await assertNoTwin(store, passport, null)
    const number = await this.#numberFor(asked.number, details)
    const from = asked.from === null ? {} : fromRecord(asked.from)
    const draft = this.#newMedium(number, details, { ...act, passport })
    const write = await this.#sealed(draft, {
      act,
      baseVersion: null,
      events: [this.#event('registered', { ...changesBetween({}, details), ...from }, act)],
      keys: passport === null ? [] : indexKeysOf(passport),
      isNew: true,
    })
    return this.#write(write, `${number} registered`, act)
  }

  async change(number: string, asked: MediumChangeRequest, account: string): Promise<MediumRow> {
    const before = await this.#current(number, asked.baseVersion)
    const act = { account, reason: reasonOf(asked.reason) }
    const details = await this.#checked(detailsOf(asked), before)
    assertLevelNotLowered(before.level, details.level)
    const changes = changesBetween(detailsOf(before as MediumDetails & MediumRow), details)
    if (Object.keys(changes).length === 0)
      throw new ShoukouError('invalid-request', 'Nothing differs; there is nothing to change.')
    const officer =
      'level' in changes
        ? await officerFor(this.#options.store, [before.level, details.level], {
            ...{ person: asked.person ?? null, officer: asked.officer },
          })
        : null
    const told = officer === null ? changes : { ...changes, officer: [null, officer] as const }
    const write = await this.#sealed(
      { ...before, ...details },
      {
        act,
        baseVersion: before.version,
        events: [this.#event('changed', told, act)],
        keys: null,
        isNew: changeTheSeal(changes),
      },
    )
    return this.#write(write, `${number} changed`, act, before)
  }

  async setState(number: string, asked: StateChangeRequest, account: string): Promise<MediumRow> {
    const before = await this.#current(number, asked.baseVersion)
    const act = { account, reason: reasonOf(asked.reason) }
    const { state } = asked
    const dueBackMs = this.#dueBack(asked)
    const isPutOff = state === before.state && isAway(state) && dueBackMs !== before.dueBackMs
    if (!isPutOff && !mayFollow(before.state, state)) throw noTransition(before, state)
    const changes: Changes = {
      ...(isPutOff ? {} : { state: [before.state, state] }),
      ...(dueBackMs === before.dueBackMs ? {} : { dueBackMs: [before.dueBackMs, dueBackMs] }),
    }
    const write = await this.#sealed(
      { ...before, state, dueBackMs },
      {
        act,
        baseVersion: before.version,
        events: [this.#event('state-changed', changes, act)],
        keys: null,
        isNew: needsNewSeal(before.state, state),
      },
    )
    return this.#write(write, `${number} ${state}`, act, before)
  }

  async setPassport(number: string, asked: PassportRequest, account: string): Promise<MediumRow> {
    const { store } = this.#options
    const before = await this.#current(number, asked.baseVersion)
    const act = { account, reason: reasonOf(asked.reason) }
    if (!isUsable(before.state)) {
      throw new ShoukouError(
        'invalid-request',
        `${number} is ${before.state}; issue it first, then take what was examined.`,
      )
    }
    const passport = await readExaminedPassport(store, asked.from)
    await assertNoTwin(store, passport, number)
    const changes = { passport: [before.passport, passport] as const, ...fromRecord(asked.from) }
    const write = await this.#sealed(
      { ...before, passport },
      {
        act,
        baseVersion: before.version,
        events: [this.#event('passport-set', changes, act)],
        keys: indexKeysOf(passport),
        isNew: true,
      },
    )
    return this.#write(write, `${number} passport`, act, before)
  }

  async sealAnew(
    number: string,
    asked: { readonly baseVersion: number; readonly reason: string },
    account: string,
  ): Promise<MediumRow> {
    const before = await this.#current(number, asked.baseVersion)
    const act = { account, reason: reasonOf(asked.reason) }
    const { medium, ...write } = await this.#sealed(before, {
      act,
      baseVersion: before.version,
      events: [],
      keys: null,
      isNew: true,
    })
    const { sealsVoidBeforeMs } = before
    return this.#write(
      { ...write, medium: { ...medium, sealsVoidBeforeMs } },
      `${number} sealed anew`,
      act,
      before,
    )
  }

  async importAll(rows: readonly ImportedMedium[], act: Act): Promise<Imported> {
    const { store } = this.#options
    const reason = reasonOf(act.reason)
    // Rows of one file name the same people again and again.
    const asked = rememberReads(store)
    for (const row of rows) refuseFaults(await custodianFaults(asked, row))
    const counted = rows.filter(({ number }) => number === null)
    const chosen = new Set(rows.flatMap(({ number }) => number ?? []))
    const free = await numberMedia(store, counted, { chosen, now: this.#options.now() })
    const writes = rows.map(({ number, ...rest }): MediumWrite => {
      const details = detailsOf(rest)
      const medium = this.#newMedium(number ?? free.shift() ?? '', details, { ...act, passport: null })
      const events = [this.#event('registered', changesBetween({}, details), { ...act, reason })]
      return { medium, baseVersion: null, keys: [], events }
    })
    // Nothing is known yet to recognise them by, so no computer has anything to learn.
    await store.writeMedia(writes, null)
    const numbers = writes.map(({ medium }) => medium.number)
    return {
      registered: numbers.length,
      firstNumber: numbers[0] ?? '',
      lastNumber: numbers.at(-1) ?? '',
    }
  }

  /** Seals a draft anew where it has to be, and makes its older seals void. */
  async #sealed(
    draft: Draft,
    how: {
      readonly act: Act
      readonly baseVersion: number | null
      readonly events: readonly MediumEventRow[]
      readonly keys: readonly string[] | null
      readonly isNew: boolean
    },
  ): Promise<MediumWrite> {
    const { signer, now } = this.#options
    const { id: _id, ...rest } = draft as MediumRow
    const medium: Draft = { ...rest, version: (how.baseVersion ?? 0) + 1, changedAt: now() }
    const { keys, baseVersion } = how
    const seal = how.isNew ? await issueSeal(medium, { signer, now: now() }) : null
    if (seal === null) return { medium, baseVersion, keys, events: how.events }
    const changes = sealChanges(medium.seal, seal)
    return {
      medium: {
        ...medium,
        seal,
        sealWrittenAt: null,
        sealsVoidBeforeMs: medium.seal === null ? medium.sealsVoidBeforeMs : seal.issuedAtMs,
      },
      baseVersion,
      keys,
      events: [...how.events, this.#event('seal-issued', changes, how.act)],
    }
  }

  async #write(write: MediumWrite, what: string, act: Act, before?: MediumRow): Promise<MediumRow> {
    const { store, due } = this.#options
    await store.writeMedia([write], dueOf(write, what, { account: act.account, before: before ?? null }))
    due()
    const row = await store.medium(write.medium.number)
    if (row === null) throw new Error(`${write.medium.number} was written and is not there.`)
    return row
  }

  async #current(number: string, baseVersion: number): Promise<MediumRow> {
    const row = await this.#options.store.medium(number)
    if (row === null)
      throw new ShoukouError('not-found', 'There is no medium of this number; see the register.')
    if (row.version !== baseVersion) {
      throw new ShoukouError(
        'edit-conflict',
        `${number} was changed meanwhile (version ${row.version}); load it, and make the change again.`,
      )
    }
    if (row.state === 'destroyed') {
      throw new ShoukouError('invalid-request', `${number} is destroyed: its entry is closed.`)
    }
    return row
  }

  /** Refuses what no computer could act on. What a medium is assigned to already may stay. */
  async #checked(details: MediumDetails, before?: MediumRow): Promise<MediumDetails> {
    assertValidity(details)
    if (before === undefined || before.level !== details.level || before.custodian !== details.custodian)
      refuseFaults(await custodianFaults(this.#options.store, details))
    const computers = details.computers === null ? null : [...new Set(details.computers)]
    if (computers !== null) {
      const known = new Set(before?.computers)
      for (const { number } of await this.#options.store.computers()) known.add(number)
      const unknown = computers.find((number) => !known.has(number))
      if (unknown !== undefined)
        throw new ShoukouError(
          'invalid-request',
          `No computer ${unknown} is enrolled; see the list of computers.`,
        )
    }
    return { ...details, computers, users: details.users === null ? null : [...new Set(details.users)] }
  }

  /** Only what is away is to come back, and on a day that is still to come. */
  #dueBack({ state, dueBackMs = null }: StateChangeRequest): number | null {
    if (dueBackMs === null) return null
    const now = this.#options.now()
    if (isAway(state) && dueBackMs > now && dueBackMs <= now + loanMsMax) return dueBackMs
    throw new ShoukouError(
      'invalid-request',
      isAway(state)
        ? 'It is to be back on a day from today on, within two years; choose one.'
        : 'Only what is lent or carried out is due back; leave the day out.',
    )
  }

  async #numberFor(asked: string | undefined, details: MediumDetails): Promise<string> {
    const { store, now } = this.#options
    if (asked === undefined)
      return (await numberMedia(store, [details], { chosen: new Set(), now: now() }))[0] ?? ''
    const number = plainNumber(asked)
    if (isMediumNumber(number)) return number
    throw new ShoukouError(
      'invalid-request',
      'A number begins with a letter or a digit, and has letters, digits and . _ / - alone.',
    )
  }

  #newMedium(
    number: string,
    details: MediumDetails,
    { account, passport }: { readonly account: string; readonly passport: Passport | null },
  ): Draft {
    const now = this.#options.now()
    return {
      number,
      ...details,
      state: 'issued',
      version: 1,
      registeredAt: now,
      registeredBy: account,
      changedAt: now,
      passport,
      seal: null,
      sealsVoidBeforeMs: null,
      sealWrittenAt: null,
      dueBackMs: null,
    }
  }

  #event(kind: MediumEventRow['kind'], changes: Changes, { account, reason }: Act): MediumEventRow {
    return { at: this.#options.now(), account, kind, changes: JSON.stringify(changes), reason }
  }
}

/** Faults of who is to have a medium, as of anything else that is registered: cleared, trained, no temporary staff. */
export function custodianFaults(
  store: Store,
  { level, custodian, department }: Pick<MediumDetails, 'level' | 'custodian' | 'department'>,
): Promise<readonly Fault[]> {
  return checkCustodian(store, { number: '', state: 'issued', level, custodian, department, fields: {} })
}

/**
 * Whose policies are due: computers that may use the medium, and those that might before. One that was never sealed is in no
 * policy, and a seal that names other computers is refused by the rest.
 */
function dueOf(
  { medium }: MediumWrite,
  reason: string,
  { account, before }: { readonly account: string; readonly before: MediumRow | null },
): MediaPolicyDue | null {
  if (medium.seal === null) return null
  if (medium.computers === null || (before !== null && before.computers === null)) {
    return { computers: null, account, reason }
  }
  const computers = [...new Set([...medium.computers, ...(before?.computers ?? [])])]
  return computers.length === 0 ? null : { computers, account, reason }
}

function sealChanges(before: MediumSeal | null, after: MediumSeal): Changes {
  return {
    sealId: [before?.id ?? null, after.id],
    issuedAtMs: [before?.issuedAtMs ?? null, after.issuedAtMs],
  }
}

function fromRecord({ agent, epoch, seq }: RecordName): Changes {
  return { record: [null, `${agent}/${epoch}/${seq}`] }
}

/** Blanks are no reason. */
function reasonOf(reason: string): string {
  const words = reason.trim()
  if (words === '')
    throw new ShoukouError('invalid-request', 'Say why: the reason stands in the history for good.')
  return words
}

function noTransition({ number, state }: MediumRow, asked: MediumState): ShoukouError {
  const allowed = MEDIUM_TRANSITIONS[state]
  return new ShoukouError(
    'invalid-request',
    `${number} is ${state}, and may become ${allowed.join(', ')} next, not ${asked}.`,
  )
}
