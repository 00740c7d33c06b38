/** A newer agent at an older console: it is told so by a code, nothing of its journal is lost, and all of it arrives after the console's upgrade. */
import { encodeRecord, type Fact } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RecordsAnswer } from '../../console/api/contract.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { recordOf, usbStick } from '../support/facts.ts'
import { connectRaw, enrolRaw, RawJournal } from '../support/raw-agent.ts'

let console: TestConsole
beforeAll(async () => {
  console = await startTestConsole()
}, 60_000)
afterAll(() => console[Symbol.asyncDispose]())

const opened: Fact = { kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null }
const plugged: Fact = {
  kind: 'usb.attached',
  origin: 'appeared',
  sighting: 'snapshot',
  device: usbStick({ serial: 'S' }),
}

/** A journal whose third record is of a kind that this console has never heard of. */
function newerJournal(agent: string): RawJournal {
  const journal = new RawJournal(agent)
  journal.append(opened)
  journal.append(plugged)
  const { epoch } = journal
  const known = recordOf(opened, { agent, epoch, seq: 3, wallMs: Date.now() })
  const fact = { kind: 'optical.burnt', discs: 1 } as unknown as Fact
  journal.appendRaw(Buffer.from(JSON.stringify({ ...JSON.parse(encodeRecord(known).toString()), fact })))
  return journal
}

it('a frame and a field of tomorrow are refused with a code that says which, and the connection ends', async () => {
  const identity = await enrolRaw(console, await console.token())
  const journal = newerJournal(identity.answer.agent)
  const hello = {
    agentVersion: '9.0.0',
    journal: journal.position(),
    policyVersion: 1,
    wallMs: 1,
    receipt: null,
  }
  const tries: [object, string][] = [
    [{ v: 1, type: 'hello', ...hello, bootId: 'b', tomorrow: true }, 'malformed-frame'],
    [{ v: 1, type: 'tomorrow' }, 'malformed-frame'],
    [{ v: 2, type: 'hello', ...hello, bootId: 'b' }, 'unsupported-version'],
  ]
  for (const [frame, code] of tries) {
    await using link = await connectRaw(console, identity)
    link.send(JSON.stringify(frame))
    expect((await link.next('error')).code).toBe(code)
    await link.closed
  }
}, 60_000)

it('what stands before a record of an unknown kind is stored, the rest waits at the agent, and nothing is accused of it', async () => {
  const identity = await enrolRaw(console, await console.token())
  const { agent } = identity.answer
  const journal = newerJournal(agent)
  {
    await using link = await connectRaw(console, identity)
    await link.hello(journal, { agentVersion: '9.0.0' })
    expect((await link.records(journal.frame(1, 2))).stored).toEqual(journal.position(2))
    await expect(link.records(journal.frame(3, 3))).rejects.toThrow(/^malformed-frame/)
    await link.closed
  }
  const admin = await console.signIn('secadmin')
  const seqs = async () =>
    (await admin.get<RecordsAnswer>(`/api/computers/${agent}/records`)).records.map(({ seq }) => seq)
  expect(await seqs()).toEqual([2, 1])
  // After a restart (an upgrade) it goes on from the very record that was refused: nothing was passed over in between.
  await console.restart()
  await using link = await connectRaw(console, identity)
  expect((await link.hello(journal)).stored).toEqual(journal.position(2))
  const { violations } = await (await console.signIn('secadmin')).get<{ violations: { type: string }[] }>(
    `/api/violations?agent=${agent}&type=log-gap-or-clock-tamper`,
  )
  expect(violations).toEqual([])
}, 90_000)
