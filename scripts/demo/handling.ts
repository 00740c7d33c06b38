/**
 * How the office handles what it finds: each violation a story of steps over days, through the console's own workflow, so that one
 * sees closed ones, ones under way, and those of the last days that nobody has looked at.
 */
import type { RunningConsole } from '../../console/main.ts'
import type { StepAsked } from '../../console/workflows/handling/handle-violation.ts'
import { DAY_MS, HOUR_MS } from './calendar.ts'
import type { Administrators } from './people.ts'
import { createRandom } from './random.ts'

type Severity = 'critical' | 'high' | 'medium' | 'low'
type Step = Pick<StepAsked, 'kind' | 'reason'> & Partial<Pick<StepAsked, 'disposition'>>

export interface PlannedStep extends Step {
  readonly atMs: number
}

const confirmed = ['已核对记录，情况属实。', '现场核实，属实。', '本人承认，属实。']
const innocent = ['经核实为批准的维护作业。', '设备已登记，台账录入迟于使用。']

/** Returns the steps of one violation in the order of time. Pure: the same for the same seed and number. */
export function planHandling(
  seed: string,
  {
    id,
    severity,
    receivedAt,
  }: { readonly id: number; readonly severity: Severity; readonly receivedAt: number },
): readonly PlannedStep[] {
  const random = createRandom(`${seed}/handling/${id}`)
  let atMs = receivedAt + random.int(1, severity === 'critical' ? 6 : 30) * HOUR_MS
  const steps: PlannedStep[] = []
  const add = (step: Step, days: number): void => {
    steps.push({ ...step, atMs })
    atMs += days * DAY_MS + random.int(0, 8) * HOUR_MS
  }
  // Now and then something is left lying.
  if (random.chance(0.02)) return []
  add({ kind: 'acknowledge', reason: '' }, random.int(0, 1))
  if (random.chance(0.4)) add({ kind: 'comment', reason: '已联系责任人，请其到保密办公室说明。' }, 1)
  if (random.chance(0.12)) {
    add({ kind: 'false-positive', reason: random.pick(innocent) }, 0)
    return steps
  }
  add({ kind: 'confirm', reason: random.pick(confirmed) }, random.int(1, 3))
  const isIncident = severity === 'critical' && random.chance(0.3)
  if (isIncident) add({ kind: 'incident', reason: '可能造成泄密，按规定上报。' }, 2)
  const isRemedied = isIncident || severity === 'critical' || severity === 'high' || random.chance(0.2)
  if (isRemedied) add({ kind: 'remedy', reason: '已断开连接，设备送检。' }, random.int(2, 9))
  if (isIncident || (isRemedied && random.chance(0.6)))
    add({ kind: 'rectify', reason: '已完成整改并复查。' }, random.int(2, 14))
  const disposition = random.pick(
    severity === 'low' || severity === 'medium'
      ? (['education', 'education', 'warning', 'none'] as const)
      : (['education', 'warning', 'warning', 'discipline'] as const),
  )
  add({ kind: 'close', reason: '处理完毕，归档。', disposition }, 0)
  return steps
}

interface Due extends PlannedStep {
  readonly violation: number
}

export class Office {
  readonly #console: Pick<RunningConsole, 'store' | 'workflows'>
  readonly #by: Administrators
  readonly #seed: string
  readonly #now: () => number
  #due: Due[] = []
  #seenId = 0
  steps = 0

  constructor(options: {
    readonly console: Pick<RunningConsole, 'store' | 'workflows'>
    readonly by: Administrators
    readonly seed: string
    readonly now: () => number
  }) {
    this.#console = options.console
    this.#by = options.by
    this.#seed = options.seed
    this.#now = options.now
  }

  /** Plans for what is new, and takes the steps whose time has come. Resolves to how many violations were new. */
  async work(): Promise<number> {
    const fresh = await this.#fresh()
    for (const { id, severity, receivedAt, standing } of fresh) {
      if ((standing?.repeatOf ?? null) !== null) continue
      for (const step of planHandling(this.#seed, { id, severity, receivedAt }))
        this.#due.push({ ...step, violation: id })
    }
    const now = this.#now()
    const due = this.#due.filter(({ atMs }) => atMs <= now).toSorted((a, b) => a.atMs - b.atMs)
    this.#due = this.#due.filter(({ atMs }) => atMs > now)
    for (const step of due) await this.#take(step)
    return fresh.length
  }

  async #fresh() {
    const { store } = this.#console
    const found = []
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

  async #take({ violation: id, kind, reason, disposition }: Due): Promise<void> {
    const { store, workflows } = this.#console
    const { handling, acts } = workflows.access
    const violation = await store.violation(id)
    if (violation === null || (violation.standing?.repeatOf ?? null) !== null) return
    const after = (await store.handling(id)).at(-1)?.id ?? null
    const { first, second } = this.#by
    await store.addAction({
      at: this.#now(),
      account: first.name,
      action: 'violation-handle',
      object: String(id),
      detail: `${kind}: ${violation.type} ${violation.number}`,
      address: '127.0.0.1',
    })
    const asked = { kind, reason, after, ...(disposition === undefined ? {} : { disposition }) }
    const proposal = await handling.step(violation, asked, first)
    if (proposal !== null) await acts.agree(proposal.id, { hash: proposal.hash, reason: '同意。' }, second)
    this.steps += 1
  }
}
