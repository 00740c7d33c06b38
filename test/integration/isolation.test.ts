/** An order to isolate, from the page's request to the agent's connection, over absences of both ends. */
import { type Command, openEnvelope } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Computer } from '../../console/api/contract.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal, type RawLink } from '../support/raw-agent.ts'
import { joinSecondPerson } from '../support/second-person.ts'

let console: TestConsole
let admin: ApiClient
let identity: RawIdentity
let journal: RawJournal
let agent: string

beforeAll(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  identity = await enrolRaw(console, await console.token())
  agent = identity.answer.agent
  journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
})
afterAll(async () => {
  await console[Symbol.asyncDispose]()
})

const order = (act: 'isolate' | 'release') =>
  admin.send<{ orders: { result: string }[]; proposal: number | null }>('POST', '/api/isolations', {
    agents: [agent],
    act,
    reason: 'seen on the Internet',
  })
async function nextCommand(link: RawLink): Promise<Command> {
  const { envelope } = await link.next('command')
  const payload = openEnvelope('command', envelope, console.running.signer.publicKey)
  return JSON.parse(String(payload)) as Command
}
const isolation = async () => (await admin.get<Computer>(`/api/computers/${agent}`)).isolation

it('waits for the computer, outlives a restart of the console, is sent until it is done, and its effect comes back', async () => {
  expect((await order('isolate')).orders[0]?.result).toBe('waiting')
  await console.restart()
  admin = await console.signIn('secadmin')
  {
    await using link = await connectRaw(console, identity)
    await link.hello(journal)
    expect(await nextCommand(link)).toMatchObject({ name: 'isolate', agent, reason: 'seen on the Internet' })
  }
  await using link = await connectRaw(console, identity)
  await link.hello(journal)
  const again = await nextCommand(link)
  journal.append({
    kind: 'network.acted',
    act: 'isolated',
    cause: 'command',
    interface: null,
    order: again.id,
    reason: 'seen on the Internet',
    steps: [{ step: 'packet-table', result: 'done', detail: null }],
  })
  journal.append({ kind: 'command.done', id: again.id, name: 'isolate', outcome: 'done' })
  await link.records(journal.frame(1, 3))
  expect(await isolation()).toMatchObject({ state: 'in-force', orderedBy: 'secadmin' })
  const second = await joinSecondPerson(console, admin)
  const { orders, proposal } = await order('release')
  expect(orders).toEqual([])
  expect(await isolation()).toMatchObject({ state: 'in-force' })
  expect((await second.agreeTo(proposal)).outcome).toMatchObject({ result: 'done', detail: `${agent}: sent` })
  expect((await nextCommand(link)).name).toBe('end-isolation')
  expect(await isolation()).toMatchObject({ state: 'release-ordered' })
})
