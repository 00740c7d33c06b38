import { describe, expect, it } from 'vitest'
import {
  keepingView,
  sortedBy,
  sortToQuery,
  type TableShape,
  tableViewFromAddress,
  withColumn,
  withTableView,
} from './table-view.ts'

const shape: TableShape = {
  columns: ['level', 'room', 'seen'],
  usual: ['level', 'seen'],
  sortable: ['number', 'seen'],
  ownSort: 'number',
}
const read = (text: string) => tableViewFromAddress(new URLSearchParams(text), shape)
const written = (text: string, view = read(text)) =>
  withTableView(new URLSearchParams(text), view, shape).toString()

describe('the view of a table in the address', () => {
  it('is what is usual where the address says nothing, and then says nothing', () => {
    expect(read('')).toEqual({ columns: ['level', 'seen'], sort: 'number', isDescending: false })
    expect(written('')).toBe('')
    expect(written('columns=seen,level&sort=number')).toBe('')
  })

  it('comes back as it was written, beside the filter, in the order of the table', () => {
    const text = 'state=lent&columns=room%2Cseen&sort=seen&order=desc'
    expect(read(text)).toEqual({ columns: ['room', 'seen'], sort: 'seen', isDescending: true })
    expect(read('columns=seen,room').columns).toEqual(['room', 'seen'])
    expect(new URLSearchParams(written(text))).toEqual(new URLSearchParams(text))
  })

  it('leaves out what somebody typed by hand and the table does not have', () => {
    expect(read('columns=password,room&sort=password&order=up')).toEqual({
      columns: ['room'],
      sort: 'number',
      isDescending: false,
    })
    expect(read('columns=').columns).toEqual([])
  })

  it('outlives a change of the filter', () => {
    const before = new URLSearchParams('search=old&sort=seen&order=desc&columns=room')
    const filter = new URLSearchParams('search=new')
    expect(keepingView(before, filter).toString()).toBe('search=new&sort=seen&order=desc&columns=room')
    expect(keepingView(before, filter, ['columns']).toString()).toBe('search=new&columns=room')
  })
})

describe('a click', () => {
  it('on a head sorts upwards, downwards, and then as before', () => {
    const once = sortedBy(read(''), 'seen', shape)
    const twice = sortedBy(once, 'seen', shape)
    expect([once.sort, once.isDescending]).toEqual(['seen', false])
    expect([twice.sort, twice.isDescending]).toEqual(['seen', true])
    expect(sortedBy(twice, 'seen', shape)).toEqual(read(''))
  })

  it('on a column shows it in its place, or hides it', () => {
    const more = withColumn(read(''), 'room', true, shape)
    expect(more.columns).toEqual(['level', 'room', 'seen'])
    expect(withColumn(more, 'level', false, shape).columns).toEqual(['room', 'seen'])
  })
})

it('the API is asked for another order alone, never for the list’s own', () => {
  const ask = (text: string) => sortToQuery(new URLSearchParams('state=lent'), read(text), shape).toString()
  expect(ask('')).toBe('state=lent')
  expect(ask('sort=seen')).toBe('state=lent&sort=seen')
  expect(ask('order=desc')).toBe('state=lent&order=desc')
})
