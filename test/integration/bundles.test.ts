/**
 * A computer that no network reaches, with the product's own programs: enrolled by files, its records carried to the console
 * on a "medium", and the console's answer carried home.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Computer, RecordsAnswer } from '../../console/api/contract.ts'
import type { OfflineEnrolledAnswer, Slip, Taken } from '../../console/api/contract-bundles.ts'
import { type OfflineAgent, offlineAgent } from '../support/agent-process.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { postBytes } from '../support/post-bytes.ts'

let console: TestConsole
let admin: ApiClient
let agent: OfflineAgent
let medium: string
const waiting = { timeout: 20_000, interval: 250 }

beforeAll(async () => {
  medium = await mkdtemp(join(tmpdir(), 'shoukou-medium-'))
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  agent = await offlineAgent()
})
afterAll(async () => {
  await agent[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
  await rm(medium, { recursive: true, force: true })
})

interface JournalStatus {
  readonly epoch: string
  readonly seq: number
  readonly ackedSeq: number | null
}
const journal = async (): Promise<JournalStatus> => {
  const text = await readFile(join(agent.stateDir, 'status.json'), 'utf8')
  return (JSON.parse(text) as { journal: JournalStatus }).journal
}
interface Exported {
  readonly path: string
  readonly bundle: string
  readonly number: number
  readonly firstSeq: number
  readonly lastSeq: number
}
const exported = async (): Promise<Exported> =>
  JSON.parse(await agent.command('export', '--to', medium, '--json')) as Exported
const bring = async (bytes: Uint8Array): Promise<Slip> => {
  const answer = await postBytes(console, admin, '/api/bundles', bytes)
  const { slips } = JSON.parse(answer.toString('utf8')) as Taken
  const [slip] = slips
  if (slip === undefined) throw new Error('no slip')
  return slip
}
const failing = (run: Promise<string>): Promise<string> =>
  run.then(
    () => 'it went well',
    (error: { stderr: string }) => error.stderr,
  )

it('is enrolled by files, reports by bundles, and lets go what the console’s answer proves', async () => {
  await agent.command('enroll', '--request-to', medium)
  const request = await agent.fileOn(medium, '.skq')
  const enrolled = await admin.send<OfflineEnrolledAnswer>('POST', '/api/bundles/enrolments', {
    file: (await readFile(request)).toString('base64'),
    number: 'JM-0777',
  })
  expect(enrolled.computer).toBe('JM-0777')
  const answer = join(medium, enrolled.fileName)
  await writeFile(answer, Buffer.from(enrolled.answer, 'base64'))
  expect(
    await failing(agent.command('enroll', '--answer', answer, '--mark', '0000-0000-0000-0000-0000-0000')),
  ).toContain('another console')
  await agent.command('enroll', '--answer', answer, '--mark', enrolled.mark.toLowerCase())
  await agent.stayAlone()
  const { status } = await admin.get<Computer>(`/api/computers/${enrolled.agent}`)
  expect(status).toBe('standalone')

  await agent.start()
  await expect.poll(async () => (await journal().catch(() => null))?.seq ?? 0, waiting).toBeGreaterThan(5)
  const first = await exported()
  expect(first).toMatchObject({ number: 1, firstSeq: 1 })
  const bytes = await readFile(first.path)
  const altered = Buffer.from(bytes)
  altered[Math.floor(altered.length / 2)] = (altered[Math.floor(altered.length / 2)] ?? 0) ^ 1
  expect(await bring(altered)).toMatchObject({ verdict: 'refused', fault: 'altered', recordsNew: 0 })
  expect(await bring(bytes)).toMatchObject({
    verdict: 'taken',
    fault: null,
    computer: 'JM-0777',
    number: 1,
    recordsNew: first.lastSeq,
    recordsKnown: 0,
    gaps: [],
  })
  expect(await bring(bytes)).toMatchObject({
    verdict: 'nothing-new',
    recordsNew: 0,
    recordsKnown: first.lastSeq,
    notes: [{ code: 'again' }],
  })

  const home = join(medium, 'home.skr')
  await writeFile(home, await postBytes(console, admin, `/api/bundles/packages/${enrolled.agent}`, null))
  expect((await journal()).ackedSeq).toBeNull()
  expect(await agent.command('import', home)).toContain(`up to record ${first.lastSeq}`)
  await expect.poll(async () => (await journal()).ackedSeq, waiting).toBe(first.lastSeq)
  expect(await agent.command('import', home)).toContain('nothing has changed')
  // The head of the console's own log is held here from now on, for the next bundle to show.
  const held = await readFile(join(agent.stateDir, 'witness.json'), 'utf8')
  expect(JSON.parse(held)).toMatchObject({ witness: { seq: expect.any(Number) as number } })

  const second = await exported()
  expect(second).toMatchObject({ number: 2, firstSeq: first.lastSeq + 1 })
  expect(await bring(await readFile(second.path))).toMatchObject({
    verdict: 'taken',
    number: 2,
    previous: first.bundle,
  })
  const { records } = await admin.get<RecordsAnswer>(`/api/computers/${enrolled.agent}/records?limit=500`)
  const kinds = records.map(({ kind }) => kind)
  expect(kinds).toContain('bundle.exported')
  expect(kinds).toContain('bundle.returned')
  expect((await admin.get<Computer>(`/api/computers/${enrolled.agent}`)).status).toBe('standalone')
}, 60_000)
