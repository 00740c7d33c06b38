import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AGENT, addComputer } from '../../api/test-data.ts'
import { openTestMedia, passport, type TestMedia } from '../media/test-media.ts'
import { createFindings, type Findings } from './create-findings.ts'
import { FINDING_LIMITS } from './limits.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const dayMs = 86_400_000
const now = Date.UTC(2026, 5, 1)

describe('the work list', () => {
  let test: TestMedia
  let findings: Findings
  beforeEach(async () => {
    test = await openTestMedia()
    findings = createFindings({ store: test.store, now: () => test.clock.now, changed: () => undefined })
  })
  afterEach(() => test[Symbol.asyncDispose]())
  const open = () => test.store.findings({ state: 'open', at: test.clock.now }, { offset: 0, limit: 50 })

  it('opens, is taken by one, rests, goes by itself, and comes back as new work', async () => {
    expect(await findings.look()).toEqual({ opened: 2, reopened: 0, resolved: 0 })
    const [first] = await open()
    if (first === undefined) throw new Error('nothing was found')
    expect(first).toMatchObject({ kind: 'computer-unregistered', number: 'JM-0231', severity: 'high' })
    expect(await findings.look()).toEqual({ opened: 0, reopened: 0, resolved: 0 })

    await findings.act([first], { kind: 'take' }, 'li')
    await expect(findings.act([first], { kind: 'take' }, 'wu')).rejects.toMatchObject({
      code: 'edit-conflict',
    })
    const [taken] = await open()
    if (taken === undefined) throw new Error('it is gone')
    expect(taken.takenBy).toBe('li')
    const tooLong = test.clock.now + (FINDING_LIMITS.snoozeDaysMax + 1) * dayMs
    const rest = (until: number, text: string) => findings.act([taken], { kind: 'snooze', until, text }, 'li')
    await expect(rest(tooLong, 'later')).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(rest(test.clock.now + dayMs, ' ')).rejects.toMatchObject({ code: 'invalid-request' })
    await rest(test.clock.now + dayMs, 'the form is on its way')
    expect((await open()).map(({ number }) => number)).toEqual(['JM-0232'])
    test.clock.now += dayMs
    expect(await open()).toHaveLength(2)

    const filed = {
      ...{
        kind: 'computers',
        number: 'JM-0231',
        state: 'filed',
        level: 'confidential' as const,
        department: '办公室',
      },
      ...{ custodian: '张三', fields: {}, version: 1, createdAt: 1, createdBy: 'li', changedAt: 1 },
    }
    const write = (state: string, baseVersion: number | null) =>
      test.store.writeLedger([
        {
          entry: { ...filed, state, version: (baseVersion ?? 0) + 1 },
          ...{ baseVersion, links: [], text: '', events: [] },
        },
      ])
    await write('filed', null)
    expect(await findings.look()).toEqual({ opened: 0, reopened: 0, resolved: 1 })
    await write('applied', 1)
    expect(await findings.look()).toEqual({ opened: 0, reopened: 1, resolved: 0 })
    expect(await test.store.finding(first.id)).toMatchObject({ takenBy: null, reopened: 1, resolvedAt: null })
    const kinds = (await test.store.findingEvents(first.id, 10)).map(({ kind }) => kind)
    expect(kinds).toEqual(['reopened', 'resolved', 'snoozed', 'taken', 'opened'])
  })

  it('finds what a computer tells otherwise than its register, also after a new start, until one is mended', async () => {
    const { store, clock } = test
    const entryNow = (level: 'secret' | 'confidential', version: number) => ({
      ...{ kind: 'computers', number: 'JM-0231', state: 'filed', level, department: '办公室', version },
      ...{
        custodian: '张三',
        fields: { networkMode: 'classified-lan' },
        createdAt: 1,
        createdBy: 'li',
        changedAt: 1,
      },
    })
    const write = (row: ReturnType<typeof entryNow>, baseVersion: number | null) =>
      store.writeLedger([{ entry: row, baseVersion, links: [], text: '', events: [] }])
    await write(entryNow('secret', 1), null)
    await findings.look()
    const found = async () => (await open()).filter(({ kind }) => kind === 'setup-differs')
    expect(await found()).toMatchObject([
      { number: 'JM-0231', told: { what: 'level', registered: 'secret' } },
    ])
    findings = createFindings({ store, now: () => clock.now, changed: () => undefined })
    expect(await findings.look()).toEqual({ opened: 0, reopened: 0, resolved: 0 })
    await write(entryNow('confidential', 2), 1)
    await findings.look()
    expect(await found()).toEqual([])
  })

  it('tells of a retired computer that was heard again, whatever was written to its entry since', async () => {
    const { store, clock } = test
    const retiredAt = clock.now
    const retired = {
      ...{ kind: 'computers', number: 'JM-0231', level: 'secret' as const, department: '办公室', fields: {} },
      ...{
        custodian: '张三',
        createdAt: 1,
        createdBy: 'li',
        version: 1,
        state: 'retired',
        changedAt: retiredAt,
      },
    }
    const events = [
      { at: retiredAt, account: 'li', kind: 'state-changed' as const, changes: '{}', reason: 'end' },
    ]
    await store.writeLedger([{ entry: retired, baseVersion: null, links: [], text: '', events }])
    const judged: string[] = []
    const unfiled = async (name: string) => void judged.push(name)
    findings = createFindings({ store, now: () => clock.now, changed: () => undefined, unfiled })
    const ended = async () => (await open()).filter(({ kind }) => kind === 'computer-ended-seen')
    await findings.look()
    expect([await ended(), judged.includes(AGENT)]).toEqual([[], false])
    await store.heard(AGENT, { status: 'online', at: retiredAt + 1_000, isBehind: false })
    const noted = { ...retired, fields: { note: 'x' }, version: 2, changedAt: retiredAt + 5_000 }
    await store.writeLedger([{ entry: noted, baseVersion: 1, links: [], text: '', events: [] }])
    await findings.look()
    expect(await ended()).toMatchObject([{ number: 'JM-0231', severity: 'high' }])
    expect(judged).toContain(AGENT)
  })

  it('looks at a computer in no register when it appears, each hour, and when the register begins', async () => {
    await addComputer(test, 'JM-0900', 'agent-9', 'secret')
    const { store, clock } = test
    let judged = 0
    const unfiled = async (name: string) => {
      if (name === 'agent-9') judged += 1
    }
    findings = createFindings({ store, now: () => clock.now, changed: () => undefined, unfiled })
    for (let looks = 0; looks < 3; looks += 1) await findings.look()
    expect(judged).toBe(1)
    clock.now += 60 * 60_000
    await findings.look()
    expect(judged).toBe(2)
    const filed = {
      ...{ kind: 'computers', number: 'JM-0901', state: 'filed', level: 'secret' as const, department: '' },
      ...{ custodian: '', fields: {}, version: 1, createdAt: 1, createdBy: 'li', changedAt: clock.now },
    }
    await store.writeLedger([{ entry: filed, baseVersion: null, links: [], text: '', events: [] }])
    for (let looks = 0; looks < 2; looks += 1) await findings.look()
    expect(judged).toBe(3)
  })

  it('makes a violation of a registered medium that crosses, once for each stay, also after a new start', async () => {
    await addComputer(test, 'FM-0001', 'agent-3', 'unclassified')
    await addComputer(test, 'JM-0233', 'agent-4', 'secret')
    const crossed = () => test.store.violations({ type: ['media-cross-use'], limit: 5 })
    await stayAt('agent-4', 1)
    await findings.look()
    expect(await crossed()).toEqual([])
    await stayAt('agent-3', 1)
    for (let looks = 0; looks < 2; looks += 1) {
      findings = createFindings({ store: test.store, now: () => test.clock.now, changed: () => undefined })
      await findings.look()
      const [violation, ...more] = await crossed()
      expect(more).toEqual([])
      expect(violation).toMatchObject({ agent: 'agent-3', severity: 'critical', epoch: 'e1', seq: 1 })
      expect(JSON.parse(violation?.evidence ?? '{}')).toMatchObject({
        number: 'YM-0001',
        sightings: [
          { computer: 'JM-0233', hostLevel: 'secret' },
          { computer: 'FM-0001', hostLevel: 'unclassified' },
        ],
      })
    }
  })

  it('judges each stay by what its computer was then: re-levelled since, or enrolled anew', async () => {
    const crossed = () => test.store.violations({ type: ['media-cross-use'], limit: 5 })
    await addComputer(test, 'JM-0240', 'agent-5', 'unclassified')
    await addComputer(test, 'FM-0002', 'agent-6', 'unclassified')
    await stayAt('agent-5', 1, 'CROSS-2')
    // It is a secret one from now on: what came to it before did not come to a secret computer.
    const first = await test.store.policy('agent-5', 1)
    if (first === null) throw new Error('enrolment makes a policy')
    await test.store.addPolicy({
      ...{
        ...first,
        version: 2,
        createdAt: test.clock.now,
        settings: { ...first.settings, level: 'secret' },
      },
    })
    await stayAt('agent-6', 1, 'CROSS-2')
    await findings.look()
    expect(await crossed()).toEqual([])
    await addComputer(test, 'JM-0241', 'agent-7', 'secret')
    await stayAt('agent-7', 1, 'CROSS-2')
    await findings.look()
    expect(await crossed()).toMatchObject([{ agent: 'agent-7', level: 'secret', policyVersion: 1 }])
    // A computer that was installed anew is another agent; where the medium was before stays known.
    await addComputer(test, 'JM-0242', 'agent-8', 'secret')
    await stayAt('agent-8', 1, 'CROSS-3', 'YM-0003')
    await replaceAgent('agent-8', 'JM-0242', 'agent-9')
    await stayAt('agent-6', 2, 'CROSS-3', 'YM-0003')
    await findings.look()
    expect((await crossed())[0]).toMatchObject({ agent: 'agent-6', level: 'unclassified' })
  })

  it('reads and compares a tenth of the largest unit from the store in a fraction of a second', async () => {
    const { store } = test
    const entryAt = (at: number) => ({
      ...{
        kind: 'computers',
        number: `C-${at}`,
        state: 'in-use',
        level: 'secret' as const,
        department: '办公室',
      },
      ...{
        custodian: '张三',
        fields: { diskSerials: [`D-${at}`] },
        version: 1,
        createdAt: 1,
        createdBy: 'li',
      },
      changedAt: test.clock.now,
    })
    await store.writeLedger(
      Array.from({ length: 500 }, (_, at) => ({
        entry: entryAt(at),
        ...{ baseVersion: null, links: [], text: '', events: [] },
      })),
    )
    const mediumAt = (at: number) => ({
      ...{
        number: `M-${at}`,
        level: 'secret' as const,
        kind: 'usb-stick',
        custodian: '张三',
        department: '办公室',
      },
      ...{
        computers: null,
        users: null,
        right: 'read-only' as const,
        validFromMs: 0,
        validUntilMs: null,
        note: '',
      },
      ...{ state: 'issued' as const, version: 1, registeredAt: test.clock.now, registeredBy: 'li' },
      ...{
        changedAt: test.clock.now,
        passport: null,
        seal: null,
        sealsVoidBeforeMs: null,
        sealWrittenAt: null,
        dueBackMs: null,
      },
    })
    await store.writeMedia(
      Array.from({ length: 2_000 }, (_, at) => ({
        medium: mediumAt(at),
        baseVersion: null,
        keys: [],
        events: [],
      })),
      null,
    )
    await findings.look()
    const started = performance.now()
    await findings.look()
    const tookMs = performance.now() - started
    // A question for each of them takes longer than that, on whatever machine.
    expect(tookMs).toBeLessThan(5_000)
  })

  /** Enrols a computer anew, as one that was installed anew is. */
  async function replaceAgent(from: string, number: string, agentName: string): Promise<void> {
    const { store, clock } = test
    const policy = await store.policy(from, 1)
    if (policy === null) throw new Error('enrolment makes a policy')
    const id = `token-${agentName}`
    await store.addToken({
      ...{ id, number, settings: policy.settings, createdAt: clock.now, createdBy: 'li' },
      ...{ expiresAt: clock.now + 1, usedAt: null, usedBy: null, replaces: from },
    })
    const serials = { certificateSerial: `serial-${agentName}`, certificate: 'pem' }
    await store.addComputer(
      { agent: agentName, number, hostname: 'host-1', ...serials, enrolledAt: clock.now },
      { ...policy, agent: agentName },
      id,
    )
  }

  /** One stay of the same medium, as ingest leaves it. */
  async function stayAt(
    agentName: string,
    seq: number,
    serial = 'CROSS-1',
    number = 'YM-0001',
  ): Promise<void> {
    const found = passport(serial)
    const head = 'a'.repeat(64)
    const at = test.clock.now
    await test.store.ingest({
      ...{
        agent: agentName,
        receivedAt: at,
        epoch: 'e1',
        expected: seq === 1 ? null : { epoch: 'e1', seq: seq - 1, head },
        violations: [],
        gaps: [],
        settledGaps: [],
      },
      records: [
        {
          ...{ seq, kind: 'media.examined', sensor: 'usb', wallMs: at, policyVersion: 1, head },
          raw: new Uint8Array([1]),
        },
      ],
      position: { epoch: 'e1', seq, head },
      stays: [
        {
          ...{
            id: `e1:${seq}`,
            bootId: 'b1',
            instance: 'usb:1-1#1.5',
            by: 'usb',
            usbPath: 's:1-1',
            disk: null,
          },
          ...{
            epoch: 'e1',
            seq,
            isExamined: true,
            at: now,
            endedAt: now + 1,
            openedBootMs: 1,
            number,
          },
          ...{
            level: 'secret',
            keys: [`usb:${serial}`],
            passport: found,
            sealId: null,
            right: 'none',
            rule: 'x',
          },
          ...{ isConfirmed: true, dueBootMs: null, pending: null, mounts: [] },
        },
      ],
      ...{ status: null, coverage: null, isCaughtUp: true, appliedPolicyVersion: null },
    })
  }
})
