/** What stands on the pages that every-page.test.ts walks: one of each thing, with names that are no words of either language. */
import { type Coverage, encodeFrame, PROTOCOL_VERSION, type SensorName } from '@shoukou/protocol'
import type { ClocksAnswer } from '../../console/api/contract-clocks.ts'
import type { PrintAnswer } from '../../console/api/contract-prints.ts'
import type { ApiClient, TestConsole } from '../support/console.ts'
import { usbStick } from '../support/facts.ts'
import { connectRaw, enrolRaw, RawJournal, type RawLink } from '../support/raw-agent.ts'
import { waitFor } from '../support/wait-for.ts'

const reason = 'test'

export interface EveryPageStory {
  /** What addresses of pages name: an agent, a leak, a code, a print, a slip. */
  readonly names: ReadonlyMap<string, string>
  readonly link: RawLink
}

/** Tells one of each thing that has a page. */
export async function tellEveryPage(
  console: TestConsole,
  security: ApiClient,
  system: ApiClient,
): Promise<EveryPageStory> {
  const story = new Map<string, string>()
  const identity = await enrolRaw(console, await console.token({ number: 'JM-0001' }))
  const { agent } = identity.answer
  story.set('AGENT', agent)
  const journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  for (const one of coverage) journal.append({ kind: 'agent.coverage', coverage: one }, { sensor: 'agent' })
  for (const serial of ['SN-1', 'SN-1', 'SN-2'])
    journal.append(
      { kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot', device: usbStick({ serial }) },
      { decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' } },
    )
  const link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, journal.raws.length))
  link.send(
    encodeFrame({
      ...{ v: PROTOCOL_VERSION, type: 'heartbeat', wallMs: Date.now(), journal: journal.position() },
      ...{ coverage: [...coverage], policyVersion: 1 },
    }),
  )
  await security.send('POST', '/api/department-tree', {
    ...{ code: 'FIN', name: 'FIN-1', parent: null, isKey: true, head: 'P-1', reason },
  })
  await security.send('POST', '/api/registers/computers', {
    ...{ number: 'JM-0002', level: 'secret', department: 'FIN-1', custodian: 'P-2', reason },
    fields: { kind: 'desktop', networkMode: 'standalone', room: 'R-301', macs: ['02:aa:bb:cc:dd:ee'] },
  })
  const { id } = await security.send<PrintAnswer>('POST', '/api/prints/labels', {
    ...{ kind: 'computers', numbers: ['JM-0002'], size: 'sheet-3x8', start: 1, reason: '' },
  })
  story.set('PRINT', String(id))
  await security.send('POST', '/api/media', {
    ...{ number: 'JM-U-0007', level: 'top-secret', department: 'FIN-1', kind: 'usb-stick', custodian: 'P-2' },
    ...{ computers: null, users: null, right: 'read-write', validFromMs: 0, validUntilMs: null },
    ...{ note: '', from: null, reason },
  })
  await security.send('POST', '/api/media/JM-U-0007/state', { baseVersion: 1, state: 'missing', reason })
  const request = { person: 'P-3', question: 'Q-1', dueAt: Date.now() + 86_400_000 }
  const { code } = await security.send<{ code: string }>(
    'POST',
    '/api/violations/1/statement-requests',
    request,
  )
  story.set('CODE', code)
  const slip = await console.running.store.addSlip(
    {
      ...{ slip: crypto.randomUUID(), verdict: 'taken', fault: null, faultAtByte: null, faultChunk: null },
      ...{ fileHash: 'ab'.repeat(32), fileBytes: 4_096, bundle: null, agent: null, computer: 'JM-0009' },
      ...{ number: 1, previous: null, consoleHost: null, epoch: null, firstSeq: 1, lastSeq: 9 },
      ...{ createdWallMs: Date.now(), fromWallMs: 1, toWallMs: Date.now(), medium: 'JM-U-0007' },
      ...{ agentVersion: '0.1.0', recordsNew: 9, recordsKnown: 0, violations: 0, seal: null, notes: [] },
      ...{ gaps: [{ firstSeq: 4, lastSeq: 5, state: 'pending' }], takenAt: Date.now(), takenBy: 'secadmin' },
    },
    null,
  )
  story.set('SLIP', slip.slip)
  for (const name of ['sysadmin', 'secadmin', 'auditor'])
    await system.send('POST', `/api/accounts/${name}/person`, { person: `P-${name}`, reason })
  await system.send('POST', '/api/accounts', {
    ...{ name: 'hall', role: 'custodian', person: 'P-9', department: 'FIN-1', reason },
  })
  await waitFor(
    async () => {
      const { clocks } = await security.get<ClocksAnswer>('/api/clocks')
      const leak = clocks.find(({ kind }) => kind === 'leak-report')
      if (leak !== undefined) story.set('LEAK', String(leak.violation))
      return leak !== undefined
    },
    { what: 'the clock of the medium that is missing', timeoutMs: 40_000 },
  )
  return { names: story, link }
}

const watching = (sensor: SensorName, method: string): Coverage => ({
  ...{ sensor, state: 'watching', method, reason: null, remedy: null },
})
/** With what agents say in their own words: the pages say it in the reader's. */
const coverage: readonly Coverage[] = [
  { ...watching('usb', 'netlink-uevent'), reason: 'this kernel has no USB bus' },
  watching('media', 'netlink-uevent'),
  watching('network', 'rtnetlink'),
  {
    ...{ sensor: 'files', state: 'not-watched', method: 'none' },
    ...{ reason: 'the mount table cannot be read: EACCES', remedy: 'mount procfs and sysfs' },
  },
  watching('folders', 'none-configured'),
  {
    ...{ sensor: 'clock', state: 'fallback', method: 'clock-comparison', reason: null },
    ...{ remedy: 'needs a koffi build for this processor' },
  },
]
