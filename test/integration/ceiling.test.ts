import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CeilingFrame,
  judgeFirstCeiling,
  openEnvelope,
  type Policy,
  readCeiling,
} from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CeilingAnswer } from '../../console/api/contract-ceiling.ts'
import { ceiling } from '../../console/cli/ceiling.ts'
import { bringFiles } from '../../console/workflows/ceiling/bring-box.ts'
import { type ApiFailure, startTestConsole, type TestConsole } from '../support/console.ts'
import { connectRaw, enrolRaw, RawJournal } from '../support/raw-agent.ts'

let console: TestConsole
let folder: string
const file = (name: string): string => join(folder, name)

beforeAll(async () => {
  console = await startTestConsole()
  folder = await mkdtemp(join(tmpdir(), 'shoukou-ceiling-'))
  await writeFile(file('passphrase'), 'two people, not the console\n', { mode: 0o600 })
}, 60_000)
afterAll(async () => {
  await console[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

it('is made by two people, brought through the data folder, sent to agents, and holds policies from then on', async () => {
  const before = await enrolRaw(console, await console.token({ number: 'JM-0001' }))
  const { agent } = before.answer
  expect(before.answer.ceiling).toBeUndefined()
  const journal = new RawJournal(agent)
  await using link = await connectRaw(console, before)
  await link.hello(journal, { ceilingVersion: 0 })

  // Keys on machines of their own; the draft from what the console has.
  const secret = ['--passphrase-file', file('passphrase')]
  for (const holder of ['one', 'two'])
    await ceiling(['new-key', '--to', file(holder), '--holder', holder, ...secret])
  await expect(ceiling(['new-key', '--to', file('one'), '--holder', 'x'])).rejects.toThrow(/passphrase/i)
  const data = file('data')
  await layOut(data)
  const keys = ['--key', file('one.pub'), '--key', file('two.pub')]
  await ceiling(['draft', '--to', file('draft'), ...keys, '--data', data, '--within', '10.1.0.0/16'])
  expect(await readFile(file('draft'), 'utf8')).toMatch(/^ {2}\/\/ Every address/m)
  await ceiling(['sign', '--in', file('draft'), '--key', file('one'), '--to', file('half'), ...secret])
  await expect(ceiling(['check', '--in', file('half')])).rejects.toThrow(/not-enough-signatures/)
  await ceiling(['sign', '--in', file('half'), '--key', file('two'), '--to', file('signed'), ...secret])
  await ceiling(['check', '--in', file('signed'), '--data', data])
  await ceiling(['show', '--in', file('signed')])

  // Brought by one person with one signature it is refused, and nothing is in force.
  const signed = JSON.parse(await readFile(file('signed'), 'utf8'))
  const half = JSON.parse(await readFile(file('half'), 'utf8'))
  const admin = await console.signIn('secadmin')
  const brought = admin.send('POST', '/api/ceiling', { signed: half, reason: 'only one' })
  await expect(brought).rejects.toMatchObject({ status: 422 } satisfies Partial<ApiFailure>)
  expect((await admin.get<CeilingAnswer>('/api/ceiling')).inForce).toBeNull()

  // The command line leaves it in the data folder; the console answers there.
  const { request, answer } = bringFiles(console.dataDir)
  await writeFile(request, JSON.stringify({ id: 'b1', reason: 'first ceiling', signed }), { mode: 0o600 })
  await expect
    .poll(() => readFile(answer, 'utf8').catch(() => null), { timeout: 30_000 })
    .toBe(JSON.stringify({ id: 'b1', ok: true, message: '1' }))

  // The agent that was enrolled before can prove it to itself: two holders, and the daily key that it pinned.
  const frame: CeilingFrame = await link.next('ceiling')
  expect(judgeFirstCeiling(frame.sent, before.answer.policyKey)).toMatchObject({ kind: 'accepted' })
  journal.append({ kind: 'ceiling.applied', version: 1, digest: digestOf(await state(admin)) })
  expect((await state(admin)).behind).toMatchObject([{ agent, version: null }])
  await link.records(journal.frame(1, 1))
  expect((await state(admin)).behind).toEqual([])

  // Wider than the ceiling: the editor is told the field, and nothing is signed.
  const settings = policyIn(before.answer.policy.payload).settings
  const change = (more: object) =>
    admin.send<unknown>('PUT', `/api/computers/${agent}/policy`, {
      baseVersion: 1,
      reason: 'test',
      settings: { ...settings, ...more },
    })
  const network = {
    prefixes: ['10.1.0.0/16'],
    destinations: [{ prefix: '0.0.0.0/0', protocol: 'any', ports: null, note: '' }],
    ...{ listeners: [], gateways: [], dnsServers: [], dhcpServers: [], probe: null },
  }
  await expect(change({ network })).rejects.toMatchObject({
    status: 422,
    body: expect.stringMatching(/beyond-ceiling.*settings\.network\.destinations\.0\.prefix/s),
  })
  await expect(change({ level: 'secret' })).rejects.toMatchObject({ status: 422 })
  await change({ network: { ...network, destinations: [] } })
  const policy = await link.next('policy')
  expect(openEnvelope('policy', policy.envelope, before.answer.policyKey)).not.toBeNull()

  // Who is enrolled from now on pins it; a token beyond it is not even made. And it holds over a restart.
  await console.restart()
  const after = await enrolRaw(console, await console.token({ number: 'JM-0002' }))
  expect(readCeiling(after.answer.ceiling)?.version).toBe(1)
  const again = await console.signIn('secadmin')
  const token = again.send('POST', '/api/enrollment-tokens', { settings: { ...settings, level: 'secret' } })
  await expect(token).rejects.toMatchObject({ status: 422 })
}, 120_000)

/** The command line looks below `--data` for a folder `console`. */
async function layOut(data: string): Promise<void> {
  await mkdir(data)
  await symlink(console.dataDir, join(data, 'console'))
}

function state(client: { get<T>(path: string): Promise<T> }): Promise<CeilingAnswer> {
  return client.get<CeilingAnswer>('/api/ceiling')
}

function digestOf(answer: CeilingAnswer): string {
  return answer.inForce?.digest ?? ''
}

function policyIn(payload: string): Policy {
  return JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Policy
}
