/**
 * The ways to a signing process: a child of this console with a private pipe, or one of its own account at a socket.
 *
 * The child may read the program and its two files, write beside them, and start nothing (Node's permission model); it gets no
 * environment but what a program needs.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ShoukouError } from '@shoukou/protocol'
import {
  openSignerClient,
  type RunningSigner,
  type SignerClientOptions,
  type SignerConnection,
} from './signer-client.ts'

export interface SignerPlace {
  /** The daily key's file: read by the signing process alone. */
  readonly keyFile: string
  readonly ceilingFile: string
  /** Where there are computers already, a missing key is a lost one. */
  readonly mayMakeKey: boolean
}

type Log = SignerClientOptions['log']

/** Starts a signing process of this console's own; it ends with it. @throws ShoukouError `signer-unavailable`. */
export function startSigner(place: SignerPlace, log: Log): Promise<RunningSigner> {
  return openSignerClient({ connect: async () => spawnSigner(place), log })
}

/** Uses a signing process that runs on its own. @throws ShoukouError `signer-unavailable`. */
export function connectSigner(socketPath: string, log: Log): Promise<RunningSigner> {
  return openSignerClient({ connect: () => connectTo(socketPath), log })
}

const program = fileURLToPath(new URL('./signer-process.ts', import.meta.url))
const projectRoot = fileURLToPath(new URL('../../', import.meta.url))
const endMsMax = 2_000

async function spawnSigner({ keyFile, ceilingFile, mayMakeKey }: SignerPlace): Promise<SignerConnection> {
  const folders = [...new Set([dirname(keyFile), dirname(ceilingFile)])]
  const child = spawn(
    process.execPath,
    [
      '--permission',
      `--allow-fs-read=${join(projectRoot, '*')}`,
      ...folders.flatMap((folder) => [
        `--allow-fs-read=${join(folder, '*')}`,
        `--allow-fs-write=${join(folder, '*')}`,
      ]),
      '--disable-warning=ExperimentalWarning',
      program,
      ...['--key', keyFile, '--ceiling', ceilingFile],
      ...(mayMakeKey ? ['--may-make-key'] : []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'], env: {}, cwd: '/' },
  )
  // Listened for before anything else: where no process can be made, there is an error and no pipe, and nobody is to die of it.
  const begun = once(child, 'spawn')
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await begun
  // Later ones tell of a signal that did not reach it: 'close' says its end.
  child.on('error', () => undefined)
  const stream = child.stdio[3] as unknown as Socket
  return { stream, ended, end: () => endChild(child, stream, ended) }
}

async function endChild(child: ChildProcess, stream: Socket, ended: Promise<void>): Promise<void> {
  stream.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), endMsMax)
  await ended
  clearTimeout(timer)
}

async function connectTo(path: string): Promise<SignerConnection> {
  const stream = connectSocket(path)
  try {
    await once(stream, 'connect')
  } catch (cause) {
    throw new ShoukouError(
      'signer-unavailable',
      `No signing process listens at ${path}; start it, or leave the setting out.`,
      { cause },
    )
  }
  // An end by an error is an end too: `once` of node:events would reject, and what was under way never be asked again.
  const ended = new Promise<void>((resolve) => stream.once('close', () => resolve()))
  return {
    stream,
    ended,
    end: async () => {
      stream.destroy()
      await ended
    },
  }
}
