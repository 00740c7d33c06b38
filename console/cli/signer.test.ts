import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openEnvelope, publicKeyText } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  fullSettings,
  policyWith,
  signedBy,
  testCeiling,
} from '../../protocol/ceiling/fixtures/test-ceiling.ts'
import { connectSigner } from '../signer/start-signer-linux.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./shoukou-console.ts', import.meta.url))
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const rescan = { v: 1, id: 'c', agent: 'a', issuedAtMs: 5, name: 'rescan' }
let folder: string
let socket: string
const children: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-signer-'))
  socket = join(folder, 'run', 'signer.sock')
  await mkdir(join(folder, 'run'), { mode: 0o770 })
})
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const parameters = (...more: string[]): string[] => [
  ...[program, 'signer', '--key', join(folder, 'policy.key'), '--ceiling', join(folder, 'ceiling.json')],
  ...['--socket', socket, ...more],
]

/** Starts the process; resolves when it says that it signs. */
async function start(...more: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, parameters(...more), { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  expect(said.toString()).toBe(`signing at ${socket}\n`)
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return child.exitCode
}

it('signs at a socket, keeps key and ceiling, and is gone on with after it was killed and started again', async () => {
  const first = await start('--make-key')
  expect((await stat(socket)).mode & 0o777).toBe(0o660)
  expect((await stat(join(folder, 'policy.key'))).mode & 0o777).toBe(0o600)
  const client = await connectSigner(socket, log)
  try {
    expect(client.publicKey).toBe(await readFile(join(folder, 'policy.key.pub'), 'utf8'))
    const signed = await client.sign('command', bytes(rescan))
    expect(openEnvelope('command', signed, client.publicKey)).toEqual(bytes(rescan))
    await client.takeCeiling(signedBy(testCeiling([publicKeyText(client.publicKey)])))
    await end(first, 'SIGKILL')
    // Asked while nobody listens: signed by the next one, at the socket that the killed one left behind.
    const asked = client.sign('command', bytes({ ...rescan, id: 'while away' }))
    const second = await start()
    expect(openEnvelope('command', await asked, client.publicKey)).not.toBeNull()
    expect(client.ceilingVersion).toBe(1)
    const wide = bytes(policyWith({ ...fullSettings(), level: 'unclassified' }))
    await expect(client.sign('policy', wide)).rejects.toMatchObject({ code: 'beyond-ceiling' })
    expect(await end(second, 'SIGTERM')).toBe(0)
  } finally {
    await client.close()
  }
}, 60_000)

it('goes on signing for its console after somebody else at the socket spoke what it does not understand', async () => {
  await start('--make-key')
  const client = await connectSigner(socket, log)
  try {
    const stranger = connect(socket)
    stranger.on('error', () => undefined)
    stranger.write('GET / HTTP/1.1\r\n\r\n')
    await once(stranger.resume(), 'close')
    expect(await client.sign('command', bytes(rescan))).toMatchObject({ kind: 'command' })
  } finally {
    await client.close()
  }
}, 60_000)

it('makes no key unless it is told to, takes no folder that any account may enter, and names what is missing', async () => {
  const refused = (...more: string[]) => run(process.execPath, parameters(...more), { timeout: 30_000 })
  await expect(refused()).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/is missing/) })
  await chmod(join(folder, 'run'), 0o775)
  await expect(refused('--make-key')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/may be entered by any account; give it to a group/),
  })
  const bare = run(process.execPath, [program, 'signer', '--socket', socket])
  await expect(bare).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/Name key, ceiling/) })
  await expect(connectSigner(socket, log)).rejects.toMatchObject({ code: 'signer-unavailable' })
}, 60_000)
