/**
 * Pages and counts of violations that take the same time among a million as among a thousand: by the classes and sums that
 * `violation-lists-schema.ts` keeps. Synchronous, in the thread that opened the database. What stands here is only which
 * violations; their rows are read by `violations.ts`.
 */
import type { DatabaseSync } from 'node:sqlite'
import { OF_REGISTERS } from '../clock-ports.ts'
import type { Severity, ViolationCounts, ViolationFilter } from '../ports.ts'

export type CountedFilter = Omit<ViolationFilter, 'limit' | 'beforeId'>

export interface ViolationLists {
  /** Returns the ids of a page, newest first; null where a plain query reads one index range and no more than the page. */
  page(filter: ViolationFilter): readonly number[] | null
  /** Returns the counts of a filter; null where a plain query must count, and has little to count. */
  counts(filter: CountedFilter): readonly ViolationCounts[] | null
  /** Of all computers. `states`: of those that are open, not allowed for a time, and no repeats. */
  byComputer(states?: readonly string[]): readonly (ViolationCounts & { readonly agent: string })[]
}

interface Found {
  readonly id: number
  readonly at: number
}

const unbounded = Number.MAX_SAFE_INTEGER

export function violationListsIn(connection: DatabaseSync): ViolationLists {
  const read = prepareReads(connection)

  function classesOf({ severity, type, level, state, isExcepted }: CountedFilter): Class[] {
    return read.classes.all({
      severities: jsonOrNull(severity),
      types: jsonOrNull(type),
      levels: jsonOrNull(level),
      states: jsonOrNull(state),
      excepted: numberOrNull(isExcepted),
    }) as unknown as Class[]
  }

  /** One below the first id that may be of a time; null where there is none. What is listed stands at its id or above. */
  function floorOf(sinceMs: number | undefined): number | null {
    if (sinceMs === undefined) return -1
    const { id } = read.firstSince.get({ since: sinceMs }) as { id: number | null }
    return id === null ? null : id - 1
  }

  function page(filter: ViolationFilter): readonly number[] | null {
    const { agent, assignee, department, sinceMs, untilMs, limit } = filter
    if (assignee !== undefined) return null
    const classes = isByClass(filter) ? classesOf(filter) : null
    const isOfAgents = agent !== undefined || department !== undefined
    if (!isOfAgents && classes === null && sinceMs === undefined) return null
    const floor = floorOf(sinceMs)
    if (floor === null) return []
    const order = filter.isGrouped === true ? read.listed : read.each
    const newest = new Newest(limit, floor)
    const common = {
      before: filter.beforeId ?? unbounded,
      since: sinceMs ?? 0,
      until: untilMs ?? unbounded,
      limit,
    }
    if (isOfAgents) {
      const among = classes === null ? null : JSON.stringify(classes.map(({ id }) => id))
      for (const one of agentsOf(filter))
        newest.add(order.ofAgent.all({ ...common, agent: one, among, floor: newest.floor }))
      if (agent === undefined && department !== undefined)
        newest.add(order.ofRegisters.all({ ...common, department, among, floor: newest.floor }))
    } else if (classes === null) newest.add(order.ofAll.all({ ...common, floor }))
    else
      for (const { id } of classes)
        newest.add(order.ofClass.all({ ...common, class: id, floor: newest.floor }))
    return newest.ids()
  }

  function counts(filter: CountedFilter): readonly ViolationCounts[] | null {
    const { agent, assignee, department, sinceMs, untilMs, type, level } = filter
    const isTimed = sinceMs !== undefined || untilMs !== undefined
    if (assignee !== undefined) return null
    if (agent === undefined && department === undefined)
      return sumOf(isTimed ? countTimed(filter) : classesOf(filter).map((one) => sumIn(one, filter)))
    if (isTimed || type !== undefined || level !== undefined) return sumOf(countOfAgents(filter))
    const { severity, state, isExcepted } = filter
    const asked = {
      severities: jsonOrNull(severity),
      states: jsonOrNull(state),
      excepted: numberOrNull(isExcepted),
    }
    const ofComputers =
      agent === undefined
        ? read.totalsOfDepartment.all({ ...asked, department: department ?? '' })
        : read.totalsOfAgent.all({ ...asked, agent, department: department ?? null })
    const ofRegisters =
      agent === undefined ? read.totalsOfRegisters.all({ ...asked, department: department ?? '' }) : []
    return sumOf([...ofComputers, ...ofRegisters].map((row) => sumIn(row as unknown as Sum, filter)))
  }

  /** The computers that a filter names; none where the one is of another department. */
  function agentsOf({ agent, department }: CountedFilter): string[] {
    if (department === undefined) return agent === undefined ? [] : [agent]
    const all = (read.agents.all({ department }) as { agent: string }[]).map((one) => one.agent)
    return agent === undefined ? all : all.filter((one) => one === agent)
  }

  function countOfAgents(filter: CountedFilter): ViolationCounts[] {
    const floor = floorOf(filter.sinceMs)
    if (floor === null) return []
    const classes = classesOf(filter)
    const severityOf = new Map(classes.map(({ id, severity }) => [id, severity]))
    const order = filter.isGrouped === true ? read.listed : read.each
    const asked = {
      ...{ floor, since: filter.sinceMs ?? 0, until: filter.untilMs ?? unbounded },
      among: isByClass(filter) ? JSON.stringify(classes.map(({ id }) => id)) : null,
    }
    const { agent, department } = filter
    const rows = agentsOf(filter).flatMap((one) => order.countOfAgent.all({ ...asked, agent: one }))
    if (agent === undefined && department !== undefined)
      rows.push(...order.countOfRegisters.all({ ...asked, department }))
    return (rows as unknown as { class: number; count: number }[]).flatMap(({ class: id, count }) => {
      const severity = severityOf.get(id)
      return severity === undefined ? [] : [{ severity, count }]
    })
  }

  function countTimed(filter: CountedFilter): ViolationCounts[] {
    const floor = floorOf(filter.sinceMs)
    if (floor === null) return []
    const count = filter.isGrouped === true ? read.listed.countOfClass : read.each.countOfClass
    const span = { floor, since: filter.sinceMs ?? 0, until: filter.untilMs ?? unbounded }
    return classesOf(filter).map(({ id, severity }) => ({
      severity,
      ...(count.get({ ...span, class: id }) as unknown as { count: number }),
    }))
  }

  return {
    page,
    counts,
    byComputer(states) {
      const rows =
        states === undefined
          ? read.byComputer.all()
          : read.openByComputer.all({ states: JSON.stringify(states) })
      return rows.map((row) => ({
        agent: String(row['agent']),
        severity: row['severity'] as Severity,
        count: Number(row['count']),
      }))
    },
  }
}

interface Sum {
  readonly severity: Severity
  readonly count: number
  readonly leads: number
}
interface Class extends Sum {
  readonly id: number
}

/** The newest of several sources: what is older than as many as are wanted is not asked of the next one. */
class Newest {
  readonly #limit: number
  #found: Found[] = []
  #floor: number

  constructor(limit: number, floor: number) {
    this.#limit = limit
    this.#floor = floor
  }

  get floor(): number {
    return this.#floor
  }

  add(rows: readonly object[]): void {
    if (rows.length === 0) return
    const found = [...this.#found, ...(rows as Found[])].toSorted((a, b) => b.at - a.at)
    this.#found = found.slice(0, this.#limit)
    if (this.#found.length === this.#limit) this.#floor = this.#found.at(-1)?.at ?? this.#floor
  }

  ids(): number[] {
    return this.#found.map(({ id }) => id)
  }
}

function isByClass({ severity, type, level, state, isExcepted }: CountedFilter): boolean {
  return [severity, type, level, state, isExcepted].some((one) => one !== undefined)
}

function sumIn({ severity, count, leads }: Sum, { isGrouped }: CountedFilter): ViolationCounts {
  return { severity, count: isGrouped === true ? leads : count }
}

function sumOf(counts: readonly ViolationCounts[]): ViolationCounts[] {
  const sums = new Map<Severity, number>()
  for (const { severity, count } of counts) sums.set(severity, (sums.get(severity) ?? 0) + count)
  return [...sums].flatMap(([severity, count]) => (count === 0 ? [] : [{ severity, count }]))
}

function jsonOrNull(list: readonly string[] | undefined): string | null {
  return list === undefined ? null : JSON.stringify(list)
}

function numberOrNull(value: boolean | undefined): number | null {
  return value === undefined ? null : Number(value)
}

const among = (column: string, parameter: string) =>
  `(:${parameter} is null or ${column} in (select value from json_each(:${parameter})))`

/** Order is `place` for leads and `id` for each. Both are words of this file, never of a request. */
function readsInOrder(connection: DatabaseSync, order: 'place' | 'id') {
  const isListed = order === 'place' ? 'place is not null and' : ''
  const select = (where: string) =>
    connection.prepare(
      `select id, ${order} as at from violations where ${where} and ${isListed} ${order} > :floor and ${order} < :before and received_at >= :since and received_at <= :until order by ${order} desc limit :limit`,
    )
  const count = (where: string) =>
    connection.prepare(
      `select class, count(*) as count from violations where ${where} and ${isListed} ${order} > :floor and received_at >= :since and received_at <= :until group by class`,
    )
  const ofAgent = `agent = :agent and ${among('class', 'among')}`
  const ofRegisters = `agent = '${OF_REGISTERS}' and subject in (select 'medium:' || number from media where department = :department) and ${among('class', 'among')}`
  return {
    ofAll: select('true'),
    ofClass: select('class = :class'),
    ofAgent: select(ofAgent),
    ofRegisters: select(ofRegisters),
    countOfAgent: count(ofAgent),
    countOfRegisters: count(ofRegisters),
    countOfClass: connection.prepare(
      `select count(*) as count from violations where class = :class and ${isListed} ${order} > :floor and received_at >= :since and received_at <= :until`,
    ),
  }
}

function prepareReads(connection: DatabaseSync) {
  const ofTotals = `${among('severity', 'severities')} and ${among('state', 'states')} and (:excepted is null or is_excepted = :excepted)`
  const totals = (where: string) =>
    connection.prepare(
      `select severity, sum(count) as count, sum(leads) as leads from violation_totals where ${where} and ${ofTotals} group by severity`,
    )
  return {
    listed: readsInOrder(connection, 'place'),
    each: readsInOrder(connection, 'id'),
    classes: connection.prepare(
      `select id, severity, count, leads from violation_classes where count > 0 and ${among('severity', 'severities')} and ${among('type', 'types')} and ${among('level', 'levels')} and ${among('state', 'states')} and (:excepted is null or is_excepted = :excepted) order by leads desc`,
    ),
    // By receipt: over the plain id the engine would walk the years before it.
    firstSince: connection.prepare('select min(+id) as id from violations where received_at >= :since'),
    agents: connection.prepare('select agent from computers where department = :department'),
    totalsOfAgent: totals(
      'agent = :agent and (:department is null or agent in (select agent from computers where department = :department))',
    ),
    totalsOfDepartment: totals('agent in (select agent from computers where department = :department)'),
    totalsOfRegisters: connection.prepare(
      `select severity, count(*) as count, count(place) as leads from violations where agent = '${OF_REGISTERS}' and subject in (select 'medium:' || number from media where department = :department) and ${among('severity', 'severities')} and ${among('state', 'states')} and (:excepted is null or (exception is not null) = :excepted) group by severity`,
    ),
    byComputer: connection.prepare(
      'select agent, severity, sum(count) as count from violation_totals group by agent, severity having sum(count) > 0',
    ),
    openByComputer: connection.prepare(
      `select t.agent, t.severity, sum(t.leads) as count from violation_totals t where t.is_excepted = 0 and t.state in (select value from json_each(:states)) and exists (select 1 from computers c where c.agent = t.agent) group by t.agent, t.severity having sum(t.leads) > 0`,
    ),
  }
}
