import { describe, expect, it } from 'vitest'
import { type PlugHint, type ReplayInput, replaySightings, type Seen } from './replay-sightings.ts'

const seen = (instance: string): Seen<string> => ({
  place: 'p',
  instance,
  thing: instance,
  sighting: 'snapshot',
})
const hint = (action: 'add' | 'remove', instance: string, place = 'p'): PlugHint<string> => ({
  action,
  place,
  instance,
  atMs: 0,
  thing: `told ${instance}`,
})
const at = (...all: Seen<string>[]) => new Map(all.map((one) => [one.place, one]))

function replay(input: Partial<ReplayInput<string>>) {
  const result = replaySightings<string>({
    known: new Map(),
    hints: [],
    present: new Map(),
    ended: new Map(),
    instancesAreUnique: true,
    isStarting: false,
    nowMs: 1_000,
    graceMs: 150,
    ...input,
  })
  const story = result.changes.map(({ kind, seen: one }) => `${kind} ${one.instance} ${one.sighting}`)
  return { ...result, story }
}

describe('without events', () => {
  it('tells what came and what went', () => {
    expect(replay({ present: at(seen('a1')) }).story).toEqual(['attached a1 snapshot'])
    expect(replay({ known: at(seen('a1')) }).story).toEqual(['detached a1 snapshot'])
    expect(replay({ known: at(seen('a1')), present: at(seen('a1')) }).story).toEqual([])
  })

  it('tells another stay at the same place as a detach and an attach', () => {
    expect(replay({ known: at(seen('a1')), present: at(seen('a2')) }).story).toEqual([
      'detached a1 snapshot',
      'attached a2 snapshot',
    ])
  })
})

describe('with events', () => {
  it('tells a device once, though both its event and the snapshot show it', () => {
    const first = replay({ hints: [hint('add', 'a1')], present: at(seen('a1')) })
    expect(first.story).toEqual(['attached a1 snapshot'])
    expect(replay({ known: first.known, hints: [hint('add', 'a1')], present: at(seen('a1')) }).story).toEqual(
      [],
    )
  })

  it('does not lose a device that was gone before it could be read', () => {
    const { story } = replay({ hints: [hint('add', 'a1'), hint('remove', 'a1')] })
    expect(story).toEqual(['attached a1 event-only', 'detached a1 event-only'])
  })

  it('tells each of several stays at one port in one burst', () => {
    const hints = [hint('remove', 'a1'), hint('add', 'a2'), hint('remove', 'a2'), hint('add', 'a3')]
    expect(replay({ known: at(seen('a1')), hints, present: at(seen('a3')) }).story).toEqual([
      'detached a1 snapshot',
      'attached a2 event-only',
      'detached a2 event-only',
      'attached a3 snapshot',
    ])
  })

  it('waits a moment for the rest of the events of a device that can no longer be read', () => {
    const fresh = replay({ hints: [hint('add', 'a1')], nowMs: 50 })
    expect([fresh.story, [...fresh.deferred]]).toEqual([[], ['p']])
    const late = replay({ hints: [hint('add', 'a1')], nowMs: 200 })
    expect([late.story, late.deferred.size]).toEqual([
      ['attached a1 event-only', 'detached a1 event-only'],
      0,
    ])
  })

  it('takes a late remove event for what it is', () => {
    const gone = replay({ known: at(seen('a1')) })
    expect(replay({ ended: gone.ended, hints: [hint('remove', 'a1')] }).story).toEqual([])
  })

  it('never tells a USB stay twice when its whole row of events is late', () => {
    const gone = replay({ known: at(seen('a1')) })
    const hints = [hint('add', 'a1'), hint('remove', 'a1')]
    expect(replay({ ended: gone.ended, hints }).story).toEqual([])
  })

  it('ignores a late remove of an earlier stay while a later one is there', () => {
    const replaced = replay({ known: at(seen('a1')), present: at(seen('a2')) })
    const next = replay({
      known: replaced.known,
      ended: replaced.ended,
      hints: [hint('remove', 'a1'), hint('add', 'a2')],
      present: at(seen('a2')),
    })
    expect(next.story).toEqual([])
  })

  it('tells a device whose add event was lost, from its end alone', () => {
    expect(replay({ hints: [hint('remove', 'a1')] }).story).toEqual([
      'attached a1 event-only',
      'detached a1 event-only',
    ])
    expect(replay({ hints: [hint('remove', 'a1')], isStarting: true }).story).toEqual([])
  })

  it('leaves what is there alone when the end of an unknown earlier stay is heard', () => {
    const { story, known } = replay({
      known: at(seen('a2')),
      hints: [hint('remove', 'a1')],
      present: at(seen('a2')),
    })
    expect(story).toEqual(['attached a1 event-only', 'detached a1 event-only'])
    expect(known.get('p')?.instance).toBe('a2')
  })

  it('tells a drive that came back in the same slot under the same name', () => {
    const hints = [hint('remove', 'a'), hint('add', 'a')]
    const { story } = replay({
      known: at(seen('a')),
      hints,
      present: at(seen('a')),
      instancesAreUnique: false,
    })
    expect(story).toEqual(['detached a snapshot', 'attached a snapshot'])
  })
})

it('forgets ended stays after half a minute', () => {
  const gone = replay({ known: at(seen('a1')) })
  expect(replay({ ended: gone.ended, nowMs: 32_000 }).ended.size).toBe(0)
})
