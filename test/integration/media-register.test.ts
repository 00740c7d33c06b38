/** The media register from the record of an examination to what a connected agent is told: over the wire, with the real console. */
import { type Command, type Fact, openEnvelope, type Passport, type Policy } from '@shoukou/protocol'
import { judgeSeal } from '@shoukou/protocol/media/judge-seal.ts'
import { openSeal } from '@shoukou/protocol/media/seal.ts'
import { encodeSealBytes, readSealBytes } from '@shoukou/protocol/media/seal-bytes.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type {
  GrantAnswer,
  MediumAnswer,
  NewMedium,
  SeenMediaAnswer,
} from '../../console/api/contract-media.ts'
import { examination, passport } from '../../console/workflows/media/test-media.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { connectRaw, enrolRaw, type RawIdentity, RawJournal, type RawLink } from '../support/raw-agent.ts'

let console: TestConsole
let admin: ApiClient
let identity: RawIdentity
beforeAll(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  identity = await enrolRaw(console, await console.token({ number: 'JM-7' }))
})
afterAll(() => console[Symbol.asyncDispose]())

it('what was plugged in is registered, usable after one policy, sealed at a station, and void when it is missing', async () => {
  const { agent, policyKey } = identity.answer
  const found = passport('E0D55EA57414')
  const instance = 'usb:1-1#1.4'
  const journal = new RawJournal(agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  journal.append(examination(found))
  await using link = await connectRaw(console, identity)
  await link.hello(journal)
  await link.records(journal.frame(1, 2))

  // One click from what is plugged in: the record is named, and the console reads it itself.
  const { media } = await admin.get<SeenMediaAnswer>(`/api/computers/${agent}/media`)
  const record = media[0]?.record ?? { epoch: '', seq: 0 }
  expect(media).toMatchObject([{ instance, isPresent: true, number: null, passport: found }])
  const asked: NewMedium = {
    ...{
      level: 'confidential',
      kind: 'usb-stick',
      custodian: '张三',
      department: '办公室',
      computers: ['JM-7'],
    },
    ...{ users: null, right: 'read-write', validFromMs: 0, validUntilMs: null, note: '' },
    ...{ reason: 'issued to the office', from: { agent, ...record } },
  }
  const { medium } = await admin.send<MediumAnswer>('POST', '/api/media', asked)
  const policy = await nextPolicy(link, policyKey)
  const [signed] = policy.media?.seals ?? []
  if (signed === undefined) throw new Error('the policy carries no seal')
  expect(openSeal(signed, policyKey)).toMatchObject({ number: medium.number, passport: found })

  // The seal travels on the medium too.
  const order = { agent, instance }
  await expect(admin.send('POST', `/api/media/${medium.number}/seal`, order)).rejects.toThrow(
    /no registration station/,
  )
  await admin.send('PUT', `/api/computers/${agent}/policy`, {
    ...{ baseVersion: policy.version, reason: 'station' },
    settings: {
      ...policy.settings,
      roles: ['station'],
      modes: { ...policy.settings.modes, media: 'enforce' },
    },
  })
  expect((await nextPolicy(link, policyKey)).media?.seals).toEqual([signed])
  expect(await admin.send<GrantAnswer>('POST', `/api/media/${medium.number}/seal`, order)).toMatchObject({
    isSent: true,
  })
  const command = await nextCommand(link, policyKey)
  if (command.name !== 'write-seal') throw new Error(`the command is ${command.name}`)
  expect(command.seal).toEqual(signed)
  journal.append(sealed(medium.number, medium.sealId ?? ''))
  await link.records(journal.frame(3, 3))
  const written = await admin.get<MediumAnswer>(`/api/media/${medium.number}`)
  expect(written.medium.sealWrittenAt).not.toBeNull()

  const judged = (revocations: NonNullable<Policy['media']>['revocations'], seen: Passport = found) =>
    judgeSeal(readSealBytes(encodeSealBytes(command.seal)), {
      ...{ policyKeyPem: policyKey, passport: seen, revocations, nowMs: Date.now() },
    })
  expect(judged([]).state).toBe('valid')
  expect(judged([], passport('COPY')).reason).toBe('other-passport')
  await admin.send('POST', `/api/media/${medium.number}/state`, {
    ...{ baseVersion: written.medium.version, state: 'missing', reason: 'not in the cabinet' },
  })
  const after = await nextPolicy(link, policyKey)
  expect(after.media?.seals).toEqual([])
  expect(judged(after.media?.revocations ?? []).reason).toBe('revoked')
}, 30_000)

async function nextPolicy(link: RawLink, key: string): Promise<Policy> {
  const { envelope } = await link.next('policy')
  return JSON.parse(openEnvelope('policy', envelope, key)?.toString('utf8') ?? 'null') as Policy
}

async function nextCommand(link: RawLink, key: string): Promise<Command> {
  const { envelope } = await link.next('command')
  return JSON.parse(openEnvelope('command', envelope, key)?.toString('utf8') ?? 'null') as Command
}

function sealed(number: string, sealId: string): Fact {
  const place = { usbPath: '1-1', disk: null, instance: 'usb:1-1#1.4' }
  return { kind: 'media.sealed', place, number, sealId, result: 'written', detail: 'before-first-partition' }
}
