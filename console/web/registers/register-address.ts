/** A register's filter and order in the page's address and in the API's query: pure, and each way back. */
import type { Level } from '@shoukou/protocol/levels.ts'
import { levels } from '../violations/filter-address.ts'

export interface RegisterView {
  readonly state: readonly string[]
  readonly level: readonly Level[]
  /** A department's name, with all below it. */
  readonly department: string | null
  readonly custodian: string | null
  readonly search: string
  readonly sort: 'number' | 'changed'
  readonly order: 'asc' | 'desc'
}

export const plainView: RegisterView = {
  state: [],
  level: [],
  department: null,
  custodian: null,
  search: '',
  sort: 'number',
  order: 'asc',
}

const textMax = 100

/** Reads a view from the page's address; what it does not know is left out. */
export function registerViewFromAddress(address: URLSearchParams, states: readonly string[]): RegisterView {
  const list = (name: string) => (address.get(name) ?? '').split(',')
  const text = (name: string) => address.get(name)?.slice(0, textMax) || null
  return {
    state: states.filter((one) => list('state').includes(one)),
    level: levels.filter((one) => list('level').includes(one)),
    department: text('department'),
    custodian: text('custodian'),
    search: text('search') ?? '',
    sort: address.get('sort') === 'changed' ? 'changed' : 'number',
    order: address.get('order') === 'desc' ? 'desc' : 'asc',
  }
}

/** Writes a view for the address, and for the API: equal views make equal addresses. */
export function registerViewToAddress(view: RegisterView): URLSearchParams {
  const address = new URLSearchParams()
  if (view.state.length > 0) address.set('state', view.state.join(','))
  if (view.level.length > 0) address.set('level', view.level.join(','))
  if (view.department !== null) address.set('department', view.department)
  if (view.custodian !== null) address.set('custodian', view.custodian)
  if (view.search.trim() !== '') address.set('search', view.search.trim())
  if (view.sort !== 'number') address.set('sort', view.sort)
  if (view.order !== 'asc') address.set('order', view.order)
  return address
}

/** Reports whether a view leaves something out; its order does not. */
export function isFiltered(view: RegisterView): boolean {
  return registerViewToAddress({ ...view, sort: 'number', order: 'asc' }).size > 0
}
