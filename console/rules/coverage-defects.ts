/** What speaks against time that an agent ran through: standstills, clocks, sensors, lost records, policy, control. Pure. */
import type { CoverageEvidence, ToldPolicy, WatchedRun, WatchMark } from './coverage-evidence.ts'
import type { Against, Rest } from './coverage-minutes.ts'

/** A policy is on its way so long, ms. */
const policyOnItsWayMs = 60_000

/** Returns what takes proof away, the gravest first: what comes first names the minute. */
export function againstIntervals(evidence: CoverageEvidence, nowMs: number): Against[] {
  const { marks, heard, unproven } = evidence
  const inTime = timeline(evidence, nowMs)
  return [
    ...marks.flatMap(stoodStill).toSorted((a, b) => Number(b.isGrave === true) - Number(a.isGrave === true)),
    ...marks.flatMap((mark) => (mark.kind === 'clock' ? [against(mark, 'clock-moved', null)] : [])),
    ...heard.flatMap(({ fromMs, toMs, isSkewed }): Against[] =>
      isSkewed ? [{ fromMs, toMs, cause: 'clock-wrong', name: null, rest: { kind: 'none' } }] : [],
    ),
    ...unproven.flatMap(({ cause, fromMs, toMs, epoch, seq }): Against[] =>
      cause === 'seals-not-proved' || cause === 'program-changed'
        ? [{ fromMs, toMs, cause, name: null, rest: record(epoch, seq) }]
        : [],
    ),
    ...marks.flatMap((mark) => (mark.kind === 'loss' ? [against(mark, 'records-lost', null)] : [])),
    ...marks.flatMap((mark) =>
      mark.kind === 'overflow' ? [against(mark, 'sensor-overflow', mark.name)] : [],
    ),
    ...inTime,
  ]
}

function stoodStill(mark: WatchMark): Against[] {
  if (mark.kind !== 'paused') return []
  if (mark.name === 'stop-signal') return [{ ...against(mark, 'held-still', null), isGrave: true }]
  return [against(mark, mark.name === 'asleep' ? 'asleep' : 'paused', null)]
}

function against(
  { epoch, seq, fromMs, toMs }: WatchMark,
  cause: Against['cause'],
  name: string | null,
): Against {
  return { fromMs, toMs, cause, name, rest: record(epoch, seq) }
}

function record(epoch: string, seq: number): Rest {
  return { kind: 'records', epoch, firstSeq: seq, lastSeq: seq }
}

/** What holds from a moment on. */
type Event = { readonly atMs: number } & (
  | { readonly kind: 'run'; readonly run: WatchedRun }
  | { readonly kind: 'run-over' }
  | { readonly kind: 'sensors'; readonly states: Readonly<Record<string, string>>; readonly rest: Rest }
  | { readonly kind: 'control'; readonly group: string; readonly state: string; readonly rest: Rest }
  | { readonly kind: 'applied'; readonly version: number; readonly rest: Rest }
  | { readonly kind: 'due'; readonly version: number }
)

interface Told {
  readonly state: string
  readonly rest: Rest
}

/** Walks through time once; between two events everything stands as it was told last. */
function timeline(evidence: CoverageEvidence, nowMs: number): Against[] {
  const { policies } = evidence
  const byVersion = new Map(policies.map((policy) => [policy.version, policy]))
  const sensors = new Map<string, Told>()
  const control = new Map<string, Told>()
  let applied: { version: number; rest: Rest } | null = null
  let due = 0
  let isRunning = false
  const made: Against[] = []
  const inOrder = eventsOf(evidence)
  for (const [at, event] of inOrder.entries()) {
    switch (event.kind) {
      case 'run':
        isRunning = true
        // What was vouched for is told anew by each run; behind a hole nobody knows what it was.
        sensors.clear()
        // So is control, by each start; behind a hole it stands as it was told last: a hole makes nothing good.
        if (event.run.began !== 'gap') control.clear()
        break
      case 'run-over':
        isRunning = false
        break
      case 'sensors':
        for (const [sensor, state] of Object.entries(event.states))
          sensors.set(sensor, { state, rest: event.rest })
        break
      case 'control':
        control.set(event.group, { state: event.state, rest: event.rest })
        break
      case 'applied':
        applied = event
        break
      case 'due':
        due = Math.max(due, event.version)
        break
    }
    const span = { fromMs: event.atMs, toMs: inOrder[at + 1]?.atMs ?? nowMs }
    if (!isRunning || span.toMs <= span.fromMs) continue
    // The first came with the enrolment: nobody tells that it was applied.
    const inForce = applied?.version ?? policies[0]?.version ?? 0
    const policy = byVersion.get(inForce)
    made.push(...standing({ policy, sensors, control, span, isBehind: due > inForce, rest: applied?.rest }))
  }
  return made.toSorted((a, b) => gravity(a) - gravity(b))
}

const order = [
  'sensor-not-watched',
  'sensor-fallback',
  'control-not-in-force',
  'policy-behind',
  'sensor-unknown',
]

function gravity({ cause }: Against): number {
  return order.indexOf(cause)
}

function standing({
  policy,
  sensors,
  control,
  span,
  isBehind,
  rest,
}: {
  readonly policy: ToldPolicy | undefined
  readonly sensors: ReadonlyMap<string, Told>
  readonly control: ReadonlyMap<string, Told>
  readonly span: { readonly fromMs: number; readonly toMs: number }
  readonly isBehind: boolean
  readonly rest: Rest | undefined
}): Against[] {
  const none: Rest = { kind: 'none' }
  const made: Against[] = []
  for (const sensor of policy?.requiredSensors ?? []) {
    const told = sensors.get(sensor)
    if (told?.state === 'watching') continue
    const cause =
      told === undefined
        ? 'sensor-unknown'
        : told.state === 'fallback'
          ? 'sensor-fallback'
          : 'sensor-not-watched'
    made.push({ ...span, cause, name: sensor, rest: told?.rest ?? none })
  }
  for (const group of ['media', 'network'] as const) {
    const told = control.get(group)
    const isAsked = policy !== undefined && policy.modes[group] !== 'observe'
    // Whoever says nothing of it has proven nothing.
    if (!isAsked || told?.state === 'in-force') continue
    made.push({ ...span, cause: 'control-not-in-force', name: group, rest: told?.rest ?? none })
  }
  if (isBehind || policy === undefined)
    made.push({ ...span, cause: 'policy-behind', name: null, rest: rest ?? none })
  return made
}

function eventsOf({ runs, marks, heard, policies }: CoverageEvidence): Event[] {
  const events: Event[] = [
    ...policies.map(
      (policy, at): Event => ({
        kind: 'due',
        // The first came with the enrolment.
        atMs: at === 0 ? policy.createdAt : policy.createdAt + policyOnItsWayMs,
        version: policy.version,
      }),
    ),
    ...runs.flatMap((run): Event[] => [{ kind: 'run', atMs: run.fromMs, run }, ...saidMeanwhile(run, heard)]),
    ...marks.flatMap((mark): Event[] => {
      const rest = record(mark.epoch, mark.seq)
      const atMs = mark.fromMs
      if (mark.kind === 'sensor')
        return [{ kind: 'sensors', atMs, states: { [mark.name]: mark.value }, rest }]
      if (mark.kind === 'control')
        return [{ kind: 'control', atMs, group: mark.name, state: mark.value, rest }]
      if (mark.kind === 'policy') return [{ kind: 'applied', atMs, version: Number(mark.value), rest }]
      return []
    }),
    ...heard.flatMap(({ fromMs, sensors }): Event[] =>
      sensors === null ? [] : [{ kind: 'sensors', atMs: fromMs, states: sensors, rest: { kind: 'none' } }],
    ),
  ]
  // The sort is stable: what is told in the same millisecond as a start comes behind it.
  const inOrder = events.toSorted(
    (a, b) => a.atMs - b.atMs || Number(b.kind === 'run') - Number(a.kind === 'run'),
  )
  const ends = Math.max(...runs.map(({ toMs }) => toMs), Number.NEGATIVE_INFINITY)
  const before = inOrder.filter(({ atMs }) => atMs <= ends)
  return runs.length === 0 ? [] : [...before, { kind: 'run-over', atMs: ends }]
}

/** Heartbeats that said one thing before and after a hole say what held in it. */
function saidMeanwhile(run: WatchedRun, heard: CoverageEvidence['heard']): Event[] {
  if (run.began !== 'gap') return []
  return heard.flatMap(({ fromMs, toMs, sensors }): Event[] =>
    sensors !== null && fromMs < run.fromMs && toMs > run.fromMs
      ? [{ kind: 'sensors', atMs: run.fromMs, states: sensors, rest: { kind: 'none' } }]
      : [],
  )
}
