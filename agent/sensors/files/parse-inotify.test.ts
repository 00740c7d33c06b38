import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import {
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_ISDIR,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  parseInotify,
} from './parse-inotify.ts'

const recorded = JSON.parse(readFileSync(new URL('fixtures/inotify-6.18.json', import.meta.url), 'utf8')) as {
  bytes: string
}
const bytes = Buffer.from(recorded.bytes, 'base64')

it('reads what a kernel wrote, names that are no text included', () => {
  const { events, faults } = parseInotify(bytes)
  expect(faults).toBe(0)
  const wanted = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE
  const story = events
    .filter(({ mask }) => (mask & wanted) !== 0)
    .map(({ mask, name }) => `${(mask & ~IN_ISDIR).toString(16)} ${name.toString('latin1')}`)
  expect(story).toEqual([
    '100 a.txt',
    '8 a.txt',
    '100 ±í',
    '8 ±í',
    '40 a.txt',
    '80 b.txt',
    '100 sub',
    '200 b.txt',
  ])
  const [from, to] = events.filter(({ cookie }) => cookie !== 0)
  expect(from?.cookie).toBe(to?.cookie)
})

it('takes what is cut off at any byte, and gives what was whole before it', () => {
  const whole = parseInotify(bytes).events
  for (let length = 0; length < bytes.length; length += 1) {
    const { events, faults } = parseInotify(bytes.subarray(0, length))
    expect(events).toEqual(whole.slice(0, events.length))
    expect(faults <= 1).toBe(true)
  }
})

it('does not run on where a length is a lie', () => {
  const lie = Buffer.alloc(16)
  lie.writeUInt32LE(0xffff_ffff, 12)
  expect(parseInotify(lie)).toEqual({ events: [], faults: 1 })
})
