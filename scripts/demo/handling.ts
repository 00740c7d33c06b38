/**
 * The office at work: it finds what is new, and takes the acts of each story when their time has come, through the console's own
 * workflows; so that one sees closed violations, some under way, and those of the last hours that nobody has looked at.
 */
import { violationItem } from '../../console/api/view/violation-view.ts'
import type { Log } from '../../console/base/log.ts'
import type { RunningConsole } from '../../console/main.ts'
import type { ViolationRow } from '../../console/store/ports.ts'
import { type Clocks, createClocks } from '../../console/workflows/clocks/create-clocks.ts'
import { handedIn, lookAtClocks } from '../../console/workflows/clocks/watch-clocks.ts'
import { isOver, nextSteps } from '../../console/workflows/handling/handling-state.ts'
import { DAY_MS } from './calendar.ts'
import type { Administrators } from './people.ts'
import { type PlannedAct, planHandling } from './stories.ts'

export interface OfficeOptions {
  readonly console: Pick<RunningConsole, 'store' | 'workflows'>
  readonly by: Administrators
  readonly seed: string
  readonly now: () => number
  /** Lets time pass. */
  readonly to: (ms: number) => void
  /** Who uses a computer, by its number. */
  readonly users: ReadonlyMap<string, string>
  readonly log: Log
}

type Due = PlannedAct & { readonly violation: number }

const statementDays = 5
const offices = [
  ['bureau', '演示市保密行政管理部门', '报'],
  ['superior', '演示上级主管部门', '呈'],
] as const

export class Office {
  readonly #options: OfficeOptions
  readonly #clocks: Clocks
  #due: Due[] = []
  #seenId = 0
  steps = 0

  constructor(options: OfficeOptions) {
    this.#options = options
    const { console, now } = options
    const headlineOf = (violation: ViolationRow) => violationItem(violation).headline
    this.#clocks = createClocks({ store: console.store, now, headlineOf })
  }

  /** Plans for what is new, and acts as time passes until a moment. Resolves to how many violations were new. */
  async work(untilMs: number): Promise<number> {
    const { now, to, seed } = this.#options
    const fresh = await this.#fresh()
    for (const { id, type, severity, receivedAt, standing } of fresh) {
      if ((standing?.repeatOf ?? null) !== null) continue
      for (const act of planHandling(seed, { id, type, severity, receivedAt }))
        this.#due.push({ ...act, violation: id })
    }
    const due = this.#due.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)
    this.#due = this.#due.filter(({ atMs }) => atMs > untilMs)
    for (const act of due) {
      to(act.atMs)
      if (now() >= act.atMs) await this.#take(act)
    }
    to(untilMs)
    return fresh.length
  }

  /** What only registers tell: what is missing, what was not handed in; and who is told that time runs out. */
  async lookAtClocks(): Promise<void> {
    const { console, now, log } = this.#options
    const told = () => undefined
    await lookAtClocks({ store: console.store, clocks: this.#clocks, now, log, raised: told, ended: told })
  }

  async takeLate(number: string, year: number): Promise<void> {
    const { console, now } = this.#options
    const { store } = console
    const { name: account } = this.#options.by.first
    await this.#note('media-hand-in', number, `${year}`)
    await store.addHandIns([{ year, medium: number, at: now(), account, note: '补交' }])
    await handedIn({ store, ended: () => undefined }, [number], { year, at: now() })
  }

  async #fresh(): Promise<readonly ViolationRow[]> {
    const { store } = this.#options.console
    const found: ViolationRow[] = []
    let beforeId: number | undefined
    for (;;) {
      const page = await store.violations({ limit: 100, ...(beforeId === undefined ? {} : { beforeId }) })
      found.push(...page.filter(({ id }) => id > this.#seenId))
      const last = page.at(-1)
      if (last === undefined || last.id <= this.#seenId) break
      beforeId = last.id
    }
    this.#seenId = Math.max(this.#seenId, ...found.map(({ id }) => id))
    return found.toSorted((a, b) => a.id - b.id)
  }

  async #take(due: Due): Promise<void> {
    const { console, by } = this.#options
    const violation = await console.store.violation(due.violation)
    // It became a repeat of another one meanwhile, and is handled there.
    if (violation === null || (violation.standing?.repeatOf ?? null) !== null) return
    const { handled, steps } = await console.workflows.access.handling.read(violation.id)
    const after = steps.at(-1)?.id ?? null
    const isOpen = !isOver(handled.state)
    switch (due.act) {
      case 'step':
        if (nextSteps(handled, violation.severity).includes(due.kind)) await this.#step(violation, due, after)
        return
      case 'assign':
        if (isOpen) await this.#assign(violation, after)
        return
      case 'ask':
        if (isOpen) await this.#ask(violation)
        return
      case 'statement':
        await this.#enter(violation, due.text)
        return
      case 'tell':
        await this.#tell(violation, due.what)
        return
      case 'rectify-by':
        if (isOpen) await this.#rectifyBy(violation, due.days)
        return
      case 'exception':
        if ((violation.standing?.subject ?? null) === null || !isOpen) return
        if ((violation.standing?.exception ?? null) !== null) return
        await this.#note('exception-ask', String(violation.id), due.reason)
        await console.workflows.access.exceptions.make(
          violation,
          { until: this.#options.now() + due.days * DAY_MS, reason: due.reason },
          by.first,
        )
        this.steps += 1
    }
  }

  async #step(
    violation: ViolationRow,
    due: Extract<Due, { act: 'step' }>,
    after: number | null,
  ): Promise<void> {
    const { console, by } = this.#options
    const { handling, acts } = console.workflows.access
    const { kind, reason, disposition } = due
    await this.#note('violation-handle', String(violation.id), `${kind}: ${violation.type}`)
    const asked = { kind, reason, after, ...(disposition === undefined ? {} : { disposition }) }
    const proposal = await handling.step(violation, asked, by.first)
    if (proposal !== null) await acts.agree(proposal.id, { hash: proposal.hash, reason: '同意。' }, by.second)
    this.steps += 1
  }

  async #assign(violation: ViolationRow, after: number | null): Promise<void> {
    const { console, by } = this.#options
    const account = violation.id % 3 === 0 ? by.second.name : by.first.name
    await this.#note('violation-assign', String(violation.id), account)
    await console.workflows.access.handling.assign(
      violation,
      { account, reason: '按分工办理。', after },
      by.first,
    )
    this.steps += 1
  }

  async #ask(violation: ViolationRow): Promise<void> {
    const { console, by, now } = this.#options
    const person = this.#userOf(violation)
    await this.#note('statement-ask', String(violation.id), person)
    const question = '请说明事情经过、用途，以及是否拷贝或传输过文件。'
    const asked = { person, question, dueAt: now() + statementDays * DAY_MS }
    await console.workflows.access.papers.ask(violation, asked, by.first.name)
    this.steps += 1
  }

  async #enter(violation: ViolationRow, text: string): Promise<void> {
    const { console, by, now } = this.#options
    const { store, workflows } = console
    const [request] = await store.statementRequests(violation.id)
    if (request === undefined) return
    await this.#note('statement-enter', String(violation.id), request.person)
    await workflows.access.papers.enter(
      request,
      { writer: request.person, writtenAt: now() - DAY_MS / 24, text },
      by.first.name,
    )
    this.steps += 1
  }

  async #tell(violation: ViolationRow, what: 'report' | 'result'): Promise<void> {
    const { by, now } = this.#options
    await this.#note('leak-report', String(violation.id), what)
    const year = new Date(now()).getFullYear()
    // To both that the regulations name.
    for (const [recipient, office, sign] of offices)
      await this.#clocks.report(
        violation.id,
        {
          ...{ what, reportedAt: now(), recipient, office, person: '值班员（演示）' },
          number: `演保${sign}〔${year}〕${violation.id}号`,
          note: what === 'report' ? '电话报告，书面材料随后报送。' : '查处结果书面报告。',
        },
        by.first.name,
      )
    this.steps += 1
  }

  async #rectifyBy(violation: ViolationRow, days: number): Promise<void> {
    const { by, now } = this.#options
    await this.#note('rectification-date', String(violation.id), `${days}`)
    await this.#clocks.rectifyBy(
      violation.id,
      { dueAt: now() + days * DAY_MS, reason: '责任部门限期整改。' },
      by.first.name,
    )
    this.steps += 1
  }

  #userOf({ number }: ViolationRow): string {
    return this.#options.users.get(number) ?? '介质责任人（演示）'
  }

  /** Every act of an administrator is noted before it happens. */
  async #note(action: string, object: string, detail: string): Promise<void> {
    const { console, by, now } = this.#options
    const { name: account } = by.first
    await console.store.addAction({ at: now(), account, action, object, detail, address: '127.0.0.1' })
  }
}
