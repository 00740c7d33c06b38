/**
 * A process that appends to a journal and prints each reported number, until it is killed.
 *
 * usage: append-child FOLDER [COUNT BYTES] — with COUNT it appends that many records of about BYTES bytes and stops.
 */
import { writeSync } from 'node:fs'
import { openJournal } from '../journal/open-journal.ts'
import { buildFact, fileFact, memoryLog, numbered, testAgent } from './test-facts.ts'

const [folder = '', count = '', bytes = '0'] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)
const log = memoryLog()
const journal = await openJournal({
  folder,
  agent: testAgent,
  bytesMax: 64 * 1_048_576,
  segmentBytesMax: 65_536,
  buildOwn: buildFact,
  wallMs: Date.now,
  log,
})
say('open')

async function appendOne(number: number): Promise<void> {
  const fact = count === '' ? numbered(number) : fileFact(`${number}-${'x'.repeat(Number(bytes))}`)
  const place = await journal.append(fact.kind, Number(bytes) + 500, buildFact(fact))
  say(place === null ? `lost ${number}` : `at ${place.seq} ${number}`)
}

if (count === '') {
  for (let number = 0; ; number += 8) {
    await Promise.all(Array.from({ length: 8 }, (_, index) => appendOne(number + index)))
  }
}
const watch = setInterval(() => {
  const { writeFault } = journal.health
  if (writeFault !== null) say(`fault ${writeFault}`)
}, 50)
for (let number = 0; number < Number(count); number += 1) await appendOne(number)
clearInterval(watch)
await journal.close()
say('closed')
