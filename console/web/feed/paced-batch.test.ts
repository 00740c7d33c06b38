import { describe, expect, it } from 'vitest'
import { pacedBatch } from './paced-batch.ts'

function bench() {
  let now = 0
  const due: { at: number; callback: () => void }[] = []
  const delivered: (readonly number[])[] = []
  const batch = pacedBatch<number>((items) => delivered.push(items), {
    gapMs: 50,
    now: () => now,
    schedule: (callback, delayMs) => {
      const entry = { at: now + delayMs, callback }
      due.push(entry)
      return () => due.splice(due.indexOf(entry), 1)
    },
  })
  const advance = (ms: number) => {
    now += ms
    for (const entry of due.filter((one) => one.at <= now)) {
      due.splice(due.indexOf(entry), 1)
      entry.callback()
    }
  }
  return { batch, delivered, advance }
}

describe('pacedBatch', () => {
  it('hands a single item on before add returns', () => {
    const { batch, delivered } = bench()
    batch.add(1)
    expect(delivered).toEqual([[1]])
  })

  it('gathers what follows closely and loses none of it', () => {
    const { batch, delivered, advance } = bench()
    for (let item = 1; item <= 100; item++) batch.add(item)
    advance(50)
    expect(delivered.length).toBe(2)
    expect(delivered.flat()).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
  })

  it('does not delay an item that comes after a quiet while', () => {
    const { batch, delivered, advance } = bench()
    batch.add(1)
    advance(51)
    batch.add(2)
    expect(delivered).toEqual([[1], [2]])
  })

  it('delivers nothing after it was stopped', () => {
    const { batch, delivered, advance } = bench()
    batch.add(1)
    batch.add(2)
    batch.stop()
    advance(1_000)
    expect(delivered).toEqual([[1]])
  })
})
