/**
 * All that a console can say to an agent, walked from the schemas: frames of the link, what its signatures are over, packages for
 * the way home, answers to enrolment and renewal. What is added has to be given its row here, by somebody who has looked whether it
 * could run a program or write a file of the console's choosing.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  CeilingSchema,
  CONSOLE_FRAME_SCHEMAS,
  CommandSchema,
  EnrolmentAnswerSchema,
  type Envelope,
  EnvelopeSchema,
  PolicySchema,
  parseConsoleFrame,
  RenewalAnswerSchema,
  ReturnOrderSchema,
  ReturnPartsSchema,
  SealSchema,
  ShoukouError,
  StandingAnswerSchema,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { readGolden } from '../../protocol/fixtures/golden.ts'
import { createLog } from '../base/log.ts'
import { stateFolder } from '../base/state-folder.ts'
import { Sealer } from '../journal/sealer.ts'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { startLinkBench } from '../testing/link-bench.ts'
import { testAgent } from '../testing/test-facts.ts'
import { LinkProof } from './link-proof.ts'
import { WitnessStore } from './witness-store.ts'

type FrameType = keyof typeof CONSOLE_FRAME_SCHEMAS

/** Each frame, and what it leads to at most. */
const frames: Readonly<Record<FrameType, string>> = {
  welcome:
    'numbers that bound what is sent, and a head of the console’s log, kept in a file of the agent’s own naming',
  ack: 'a place in the agent’s own journal, and a receipt of 64 hex digits',
  ceiling: 'judged by keys that no console holds; kept in a file of the agent’s own naming',
  policy: 'held to the ceiling; kept in a file of the agent’s own naming',
  command: 'one of a closed set: hostile-console.test.ts',
  challenge: 'answered with a digest of the agent’s own journal; a head as in welcome',
  keys: '32 bytes each, into two files of the agent’s own naming, and where there is none yet',
  error: 'a code and words for the log; the agent may go on from a place of its own journal',
}

/** What a signature of the daily key may be over, and what is read from it. */
const payloads: Readonly<Record<Envelope['kind'], unknown>> = {
  policy: PolicySchema,
  command: CommandSchema,
  seal: SealSchema,
  'first-ceiling': CeilingSchema,
  return: ReturnOrderSchema,
}

/** Beside the link: an exchange that the agent began, or a file that somebody at the computer gives to `import`. */
const answers = {
  enrolment: EnrolmentAnswerSchema,
  renewal: RenewalAnswerSchema,
  standing: StandingAnswerSchema,
  'return parts': ReturnPartsSchema,
}

const compared = 'is compared with what the computer has'
const kept = 'is kept in a record, and shown as text'
const own = 'must be the agent’s own, else all of it is refused'

/** Each text that is free within its length, and what becomes of it: no name of a file, no program, no address is made of it. */
const freeTexts: Readonly<Record<string, string>> = {
  'welcome.consoleVersion': kept,
  'welcome.stored.epoch': own,
  'ack.stored.epoch': own,
  'error.message': kept,
  'error.stored.epoch': own,
  'policy.agent': own,
  'policy.computer': own,
  'policy.settings.registeredMedia[].serial': compared,
  'policy.settings.registeredMedia[].note': kept,
  'policy.settings.approvedInterfaces[].busPath': compared,
  'policy.settings.approvedInterfaces[].note': kept,
  'policy.settings.approvedPeripherals[].serial': compared,
  'policy.settings.approvedPeripherals[].note': kept,
  'policy.settings.network.destinations[].note': kept,
  'policy.settings.network.listeners[].note': kept,
  'policy.settings.network.gateways[].note': kept,
  'policy.settings.contact': kept,
  'policy.baseline.usb[].path': compared,
  'policy.baseline.usb[].serial': compared,
  'policy.baseline.disks[].name': compared,
  'policy.baseline.disks[].serial': compared,
  'policy.baseline.disks[].wwn': compared,
  'policy.baseline.interfaces[].name': compared,
  'policy.baseline.interfaces[].busPath': compared,
  'policy.media.revocations[].number': compared,
  'command.id': kept,
  'command.agent': own,
  'command.instance': compared,
  'command.reason': kept,
  'seal.id': kept,
  'seal.number': compared,
  'seal.custodian': kept,
  'seal.computers[]': compared,
  'seal.users[]': compared,
  'seal.passport.usb.serial': compared,
  'seal.passport.usb.manufacturer': compared,
  'seal.passport.usb.product': compared,
  'seal.passport.inquiry.vendor': compared,
  'seal.passport.inquiry.product': compared,
  'seal.passport.inquiry.revision': compared,
  'seal.passport.diskSerial': compared,
  'seal.passport.wwn': compared,
  'seal.passport.fileSystems[].label': compared,
  'first-ceiling.unit': compared,
  'first-ceiling.keys[].holder': kept,
  'return.agent': own,
  'return.computer': own,
  'return.stored.epoch': own,
  'enrolment.agent': kept,
  'enrolment.computer': kept,
  'enrolment.certificate': 'is read as a certificate for the agent’s own key, else refused',
  'enrolment.authority': 'is the one whose hash the token names, else refused',
  'enrolment.policyKey': 'is read as a public key, else refused',
  'renewal.certificate': 'is read as a certificate for the agent’s own key, else refused',
  'return parts.renewal': 'is a renewal answer',
}

/** Words that a field would have that names a program, a file or a place to fetch one from. */
const forbiddenNames =
  /command$|program|exec|script$|shell|argument|file$|folder|directory|url|uri|download|update/i
const allowedNames: ReadonlySet<string> = new Set([
  // One of a closed set of words, each.
  'first-ceiling.levels.*.weakest.files',
])

interface Schema {
  readonly type?: string
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: unknown
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly maxItems?: number
  readonly maxLength?: number
  readonly pattern?: string
}

interface Walked {
  readonly free: Set<string>
  readonly open: string[]
  readonly names: Set<string>
}

/** Goes through a schema; what it does not know counts as open. */
function walk(schema: Schema, path: string, found: Walked): void {
  if (schema.anyOf !== undefined) {
    for (const one of schema.anyOf) walk(one, path, found)
    return
  }
  if (schema.enum !== undefined || schema.const !== undefined) return
  switch (schema.type) {
    case 'object':
      if (schema.additionalProperties !== false) found.open.push(path)
      for (const [key, value] of Object.entries(schema.properties ?? {})) {
        found.names.add(`${path}.${key}`)
        walk(value, `${path}.${key}`, found)
      }
      return
    case 'array':
      if (schema.maxItems === undefined || schema.items === undefined) found.open.push(`${path}[]`)
      else walk(schema.items, `${path}[]`, found)
      return
    case 'string': {
      if (schema.pattern === undefined) found.free.add(path)
      // Anchored at both ends, and of bounded length by itself or by its bound.
      else if (!/^\^.*\$$/.test(schema.pattern)) found.open.push(path)
      else if (schema.maxLength === undefined && /[*+]|,\}/.test(schema.pattern)) found.open.push(path)
      if (schema.pattern === undefined && schema.maxLength === undefined) found.open.push(path)
      return
    }
    case 'integer':
    case 'number':
    case 'boolean':
    case 'null':
      return
    case undefined:
    default:
      found.open.push(path)
  }
}

function walkAll(spoken: Readonly<Record<string, unknown>>): Walked {
  const found: Walked = { free: new Set(), open: [], names: new Set() }
  for (const [name, schema] of Object.entries(spoken)) walk(schema as Schema, name, found)
  return found
}

/** Of `policy` and `command` what the envelope holds; the frames themselves are looked at beside it. */
const spoken = { ...CONSOLE_FRAME_SCHEMAS, ...payloads, ...answers }

describe('what a console can say to an agent', () => {
  it('is these frames, each with what it leads to at most', () => {
    expect(Object.keys(frames).toSorted()).toEqual(Object.keys(CONSOLE_FRAME_SCHEMAS).toSorted())
  })

  it('is these payloads under a signature, and no others', () => {
    const kinds = EnvelopeSchema.properties.kind.anyOf.map((one) => one.const)
    expect(Object.keys(payloads).toSorted()).toEqual(kinds.toSorted())
    // Both frames carry an envelope and nothing else.
    for (const type of ['policy', 'command'] as const)
      expect(Object.keys(CONSOLE_FRAME_SCHEMAS[type].properties)).toEqual(['v', 'type', 'envelope'])
  })

  it('is closed and bounded everywhere: no field, list or text without an end', () => {
    expect(walkAll(spoken).open).toEqual([])
    expect(walkAll(CONSOLE_FRAME_SCHEMAS).open).toEqual([])
  })

  it('has no free text that is not looked at here', () => {
    expect([...walkAll(spoken).free].toSorted()).toEqual(Object.keys(freeTexts).toSorted())
  })

  it('has no field that could name a program, a file, or where to fetch one', () => {
    const names = [...walkAll({ ...spoken, ...CONSOLE_FRAME_SCHEMAS }).names, ...walkAll(spoken).names]
    expect(names.length).toBeGreaterThan(200)
    const suspect = names.filter((path) => {
      const last = path.split('.').at(-1) ?? ''
      return forbiddenNames.test(last) && !allowedNames.has(path)
    })
    expect(suspect).toEqual([])
  })

  it('would be found out if it grew: an open object, a list without end, a text, a field with a telling name', () => {
    const grown = walkAll({
      future: {
        type: 'object',
        properties: {
          programPath: { type: 'string', maxLength: 10 },
          list: { type: 'array', items: { type: 'null' } },
          any: {},
        },
      },
    })
    expect(grown.open).toEqual(['future', 'future.list[]', 'future.any'])
    expect([...grown.free]).toEqual(['future.programPath'])
    expect([...grown.names].filter((name) => forbiddenNames.test(name))).toEqual(['future.programPath'])
  })
})

describe('each frame with hostile texts in it', () => {
  it.each(Object.keys(CONSOLE_FRAME_SCHEMAS) as FrameType[])(
    '%s writes no file that the agent does not name itself, and starts nothing',
    async (type) => {
      const text = readGolden(`frames/console-${type}.json`).toString()
      const words = ['../../owned', '$(touch owned)', '`touch owned`;', '__proto__', '/etc/cron.d/owned']
      const all = words.flatMap((word) => withWord(JSON.parse(text), word))
      expect(all.length).toBeGreaterThan(words.length - 1)
      for (const frame of all.filter((one) => !isFrame(one)))
        expect(() => parseConsoleFrame(frame)).toThrow(ShoukouError)
      // As it should be, and with each text that may be anything at its place.
      const taken = [text, ...withWord(JSON.parse(text), '../../owned').filter(isFrame)]
      for (const frame of taken) await sendTo(frame)
      // libuv keeps a handle for each process that was started.
      expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap')
    },
    60_000,
  )
})

/** Sends one frame to an agent of its own, waits until it was read, and looks at every file around it. */
async function sendTo(frame: string): Promise<void> {
  const place = await makeFolderForTest()
  const folder = stateFolder(join(place, 'deep', 'state'))
  await mkdir(folder.identity, { recursive: true })
  const log = createLog('error', () => undefined)
  const sealer = await Sealer.open({ path: folder.sealKeyFile, agent: testAgent, onFault: () => undefined })
  const proof = await LinkProof.open({ sealer, folder, log })
  const witness = await WitnessStore.open(folder.witnessFile, () => undefined)
  const { console: peer, link, stateDir } = await startLinkBench(undefined, { proof, witness })
  await expect.poll(() => peer.heartbeats, { timeout: 20_000 }).toBeGreaterThan(0)
  const before = await namesBelow(stateDir)
  const { heartbeats } = peer
  peer.send(frame)
  // It goes on with what comes behind it, or ended the connection over it.
  const isRead = () => peer.heartbeats > heartbeats + 2 || link.status.phase !== 'streaming'
  await expect.poll(isRead, { timeout: 20_000, interval: 20 }).toBe(true)
  const added = (await namesBelow(stateDir)).filter((name) => !before.includes(name))
  expect(added.filter((name) => !/^(?:journal|policy)\/[a-z0-9./-]+$/.test(name))).toEqual([])
  const known = ['identity/seal.key', 'identity/removal.key', 'witness.json']
  const here = (await namesBelow(place)).map((name) => name.replace('deep/state/', ''))
  expect(here.filter((name) => !known.includes(name))).toEqual([])
  expect(await readdir(dirname(stateDir))).not.toContain('owned')
}

/** The frame once for each of its texts, with the word in its place. */
function withWord(value: unknown, word: string): string[] {
  const found: string[] = []
  const visit = (node: unknown, put: (text: unknown) => unknown): void => {
    if (typeof node === 'string') found.push(JSON.stringify(put(word)))
    else if (Array.isArray(node)) node.forEach((each, at) => visit(each, (text) => put(node.with(at, text))))
    else if (typeof node === 'object' && node !== null)
      for (const [key, each] of Object.entries(node)) visit(each, (text) => put({ ...node, [key]: text }))
  }
  visit(value, (text) => text)
  return found
}

function isFrame(text: string): boolean {
  try {
    parseConsoleFrame(text)
    return true
  } catch {
    return false
  }
}

async function namesBelow(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  return found
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(root.length + 1))
    .toSorted()
}
