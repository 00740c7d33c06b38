import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { type Envelope, openEnvelope, publicKeyText, ShoukouError } from '@shoukou/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import {
  fullSettings,
  makeHolder,
  policyWith,
  signedBy,
  testCeiling,
} from '../../protocol/ceiling/fixtures/test-ceiling.ts'
import { randomFrom, WIDENINGS } from '../../protocol/ceiling/fixtures/widenings.ts'
import { SIGNER_LIMITS } from './limits.ts'
import { encodeMessage, MessageReader } from './messages.ts'
import { Pace } from './pace.ts'
import { serveSigner } from './serve-signer.ts'
import { openSignerClient, type SignerConnection } from './signer-client.ts'
import { connectSigner, startSigner } from './start-signer-linux.ts'
import { createTestSigner } from './test-signer.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const rescan = { v: 1, id: 'c', agent: 'a', issuedAtMs: 5, name: 'rescan' }
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describe('what is signed', () => {
  const signer = createTestSigner({ now: () => 10 })

  it('is read first: what is not what it claims to be gets no signature', async () => {
    const wrong: [Envelope['kind'], Uint8Array][] = [
      ['policy', bytes(rescan)],
      ['command', bytes(policyWith(fullSettings()))],
      ['command', bytes({ ...rescan, name: 'run', program: '/bin/sh' })],
      ['command', bytes({ ...rescan, more: 1 })],
      ['seal', bytes({})],
      ['return', bytes({})],
      ['command', Buffer.from('{')],
      ['command', Buffer.from([0xff, 0xfe])],
      ['first-ceiling', bytes(testCeiling([makeHolder().publicKey]))],
      ['other' as Envelope['kind'], bytes(rescan)],
      ['constructor' as Envelope['kind'], bytes(rescan)],
    ]
    for (const [kind, payload] of wrong)
      await expect(signer.sign(kind, payload)).rejects.toThrow(ShoukouError)
    const signed = await signer.sign('command', bytes(rescan))
    expect(openEnvelope('command', signed, signer.publicKey)).toEqual(bytes(rescan))
  })

  it('is within the ceiling that the process verified itself', async () => {
    const own = createTestSigner({ now: () => 10 })
    const ceiling = testCeiling([own.publicKey])
    await expect(own.takeCeiling(signedBy(ceiling, []))).rejects.toMatchObject({ code: 'ceiling-refused' })
    await own.takeCeiling(signedBy(ceiling))
    expect(await own.sign('policy', bytes(policyWith(fullSettings())))).toMatchObject({ kind: 'policy' })
    const random = randomFrom(20_260_301)
    for (let round = 0; round < 20; round += 1) {
      for (const widen of Object.values(WIDENINGS)) {
        const wide = bytes(policyWith(widen(fullSettings(), random)))
        await expect(own.sign('policy', wide)).rejects.toMatchObject({ code: 'beyond-ceiling' })
      }
    }
    const grant = { ...rescan, name: 'grant-medium', instance: 'i', right: 'read-write', minutes: 1 }
    await expect(own.sign('command', bytes(grant))).rejects.toMatchObject({ code: 'beyond-ceiling' })
    await expect(own.takeCeiling(signedBy(testCeiling([makeHolder().publicKey])))).rejects.toThrow(/reused/)
  })

  it('is nothing where the ceiling does not vouch for this key now; the ceiling itself it vouches for', async () => {
    const own = createTestSigner({ now: () => 10 })
    const ceiling = testCeiling([makeHolder().publicKey])
    const signed = signedBy(ceiling)
    await own.takeCeiling(signed)
    await expect(own.sign('command', bytes(rescan))).rejects.toThrow(/daily key/)
    const word = await own.sign('first-ceiling', Buffer.from(signed.payload, 'base64'))
    expect(openEnvelope('first-ceiling', word, own.publicKey)).not.toBeNull()
    const other = bytes({ ...ceiling, commands: [] })
    await expect(own.sign('first-ceiling', other)).rejects.toMatchObject({ code: 'ceiling-refused' })
  })
})

describe('the signing process', () => {
  it('makes its key once, keeps it and the ceiling, and tells nobody but its signatures', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoukou-signer-'))
    closing.push(() => rm(folder, { recursive: true }))
    const place = { keyFile: join(folder, 'policy.key'), ceilingFile: join(folder, 'ceiling.json') }
    const first = await startSigner({ ...place, mayMakeKey: true }, log)
    closing.push(() => first.close())
    expect((await stat(place.keyFile)).mode & 0o777).toBe(0o600)
    expect(await readFile(`${place.keyFile}.pub`, 'utf8')).toBe(first.publicKey)
    const signed = await first.sign('command', bytes(rescan))
    expect(openEnvelope('command', signed, first.publicKey)).not.toBeNull()
    await first.takeCeiling(signedBy(testCeiling([publicKeyText(first.publicKey)])))
    await first.close()
    const again = await startSigner({ ...place, mayMakeKey: false }, log)
    closing.push(() => again.close())
    expect([again.publicKey, again.ceilingVersion]).toEqual([first.publicKey, 1])
    const wide = bytes(policyWith({ ...fullSettings(), level: 'unclassified' }))
    await expect(again.sign('policy', wide)).rejects.toMatchObject({ code: 'beyond-ceiling' })
    await rm(place.keyFile)
    await again.close()
    await expect(startSigner({ ...place, mayMakeKey: false }, log)).rejects.toMatchObject({
      code: 'signer-unavailable',
    })
    expect((await readdir(folder)).toSorted()).toEqual(['ceiling.json', 'policy.key.pub'])
  }, 60_000)

  it('may end at any time: what was asked is signed by the next one', async () => {
    const served = inThisProcess()
    const client = await openSignerClient({ connect: served.connect, log })
    closing.push(() => client.close())
    const asked = Array.from({ length: 300 }, (_, at) =>
      client.sign('command', bytes({ ...rescan, id: `c${at}` })),
    )
    served.cut()
    const envelopes = await Promise.all(asked)
    expect(envelopes.every((one) => openEnvelope('command', one, client.publicKey) !== null)).toBe(true)
    expect(served.connections()).toBeGreaterThan(1)
  }, 30_000)

  it('at a socket that breaks with an error is gone on with like any other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoukou-signer-'))
    const path = join(folder, 'signer.sock')
    const core = createTestSigner()
    let count = 0
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      count += 1
      socket.on('error', () => undefined)
      if (count > 1) return void serveSigner(socket, core).catch(() => undefined)
      // Says that it is ready, reads nothing, and goes: what was written to it makes that an error.
      socket.write(encodeMessage({ said: 'ready', publicKey: core.publicKey, ceilingVersion: 0 }))
      setTimeout(() => socket.destroy(), 200)
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const client = await connectSigner(path, log)
    closing.push(async () => {
      await client.close()
      server.close()
      await rm(folder, { recursive: true })
    })
    const asked = Array.from({ length: 80 }, (_, at) =>
      client.sign('command', bytes({ ...rescan, id: `c${at}` })),
    )
    expect(await Promise.all(asked)).toHaveLength(80)
    expect(count).toBeGreaterThan(1)
  }, 30_000)

  it('that is away is told as such, within its time, and nobody waits for good', async () => {
    const served = inThisProcess()
    const client = await openSignerClient({ connect: served.connect, log, waitMsMax: 300 })
    closing.push(() => client.close())
    served.refuse()
    served.cut()
    await expect(client.sign('command', bytes(rescan))).rejects.toMatchObject({ code: 'signer-unavailable' })
    const many = Array.from({ length: SIGNER_LIMITS.waitingMax + 1 }, () =>
      client.sign('command', bytes(rescan)).catch((error: unknown) => error),
    )
    expect(await many.at(-1)).toMatchObject({
      code: 'signer-unavailable',
      message: expect.stringMatching(/at once/),
    })
    await Promise.all(many)
  }, 30_000)

  it('that comes back with another key is not used', async () => {
    const served = inThisProcess()
    const client = await openSignerClient({ connect: served.connect, log, waitMsMax: 1_000 })
    closing.push(() => client.close())
    const known = client.publicKey
    served.changeKey()
    served.cut()
    await expect(client.sign('command', bytes(rescan))).rejects.toMatchObject({ code: 'signer-unavailable' })
    expect(client.publicKey).toBe(known)
  }, 30_000)
})

describe('messages', () => {
  it('come whole out of pieces of any size, with their bytes as they were', () => {
    const payloads = [Buffer.alloc(0), Buffer.from([0, 255, 10]), Buffer.alloc(70_000, 7)]
    const stream = Buffer.concat(
      payloads.map((payload, at) => encodeMessage({ id: at + 1, ask: 'sign', kind: 'policy' }, payload)),
    )
    for (const size of [1, 7, 4_096, stream.length]) {
      const reader = MessageReader.ofAsks()
      const found = []
      for (let at = 0; at < stream.length; at += size)
        found.push(...reader.push(stream.subarray(at, at + size)))
      expect(found.map(({ payload }) => Buffer.from(payload))).toEqual(payloads)
      expect(found.map(({ header }) => header.id)).toEqual([1, 2, 3])
    }
  })

  it('that are none are refused, at the bound and past it', () => {
    const length = (bytesLong: number) => {
      const head = Buffer.alloc(4)
      head.writeUInt32BE(bytesLong)
      return head
    }
    expect(MessageReader.ofAsks().push(length(SIGNER_LIMITS.messageBytesMax))).toEqual([])
    for (const wrong of [
      length(SIGNER_LIMITS.messageBytesMax + 1),
      length(3),
      Buffer.concat([length(8), length(9), Buffer.alloc(4)]),
      Buffer.concat([length(6), length(2), Buffer.from('{}')]),
      encodeMessage({ id: 1, said: 'done', signature: '' }),
    ])
      expect(() => MessageReader.ofAsks().push(wrong)).toThrow(ShoukouError)
  })
})

describe('the pace', () => {
  it('lets a burst through and then no more than so many a second', () => {
    const pace = new Pace(500, 10, 0)
    expect(Array.from({ length: 10 }, () => pace.take(0))).toEqual(Array(10).fill(0))
    expect([pace.take(0), pace.take(0)]).toEqual([2, 4])
    expect(pace.take(1_000_000)).toBe(0)
  })
})

/** A signer behind pairs of streams, to be cut and refused as a process would end. */
function inThisProcess() {
  let core = createTestSigner()
  let isRefusing = false
  let count = 0
  let cutLast = (): void => undefined
  const connect = async (): Promise<SignerConnection> => {
    if (isRefusing) throw new ShoukouError('signer-unavailable')
    count += 1
    const [ours, theirs] = duplexPair()
    const ended = serveSigner(theirs, core).catch(() => undefined)
    cutLast = () => theirs.destroy()
    ours.on('close', () => theirs.destroy())
    return {
      stream: ours,
      ended,
      end: async () => {
        ours.destroy()
        theirs.destroy()
        await ended
      },
    }
  }
  return {
    connect,
    cut: () => cutLast(),
    refuse: () => {
      isRefusing = true
    },
    changeKey: () => {
      core = createTestSigner()
    },
    connections: () => count,
  }
}
