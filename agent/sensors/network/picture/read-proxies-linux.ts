/** Sockets that wait for other computers and belong, by program or port, to something that passes connections on. */
import { bytesOfRawText, kindOf, parseAddress, type RawText, type Sharing } from '@shoukou/protocol'
import type { OwnedSocket } from '../../../base/sock-diag-linux.ts'
import { judgeListener, type ProxySign } from './known-proxies.ts'
import type { PictureFiles } from './picture-files-linux.ts'
import { joinRaw } from './raw-words.ts'
import { readCommandLine, readProgram } from './read-program-linux.ts'

const tcp = 6
const udp = 17

/**
 * Returns those of `sockets` that look like proxies, known programs first; each address and port once. `detail` is the sign
 * (`known-program`, `usual-port`), the protocol and where it waits: `known-program tcp 0.0.0.0:3128`.
 */
export function readProxies(files: PictureFiles, sockets: readonly OwnedSocket[]): Sharing[] {
  const found = new Map<string, { sign: ProxySign; sharing: Sharing }>()
  for (const socket of sockets) {
    const { local } = socket
    if (local === null || local.port === null || !isWaitingForOthers(socket, local.address)) continue
    const sign = judgeListener({
      isTcp: socket.protocol === tcp,
      port: local.port,
      names: [socket.program, lastPartOf(socket.path)].flatMap((name) =>
        name === null ? [] : [latin1Of(name)],
      ),
      commandLine: socket.pid === null ? '' : readCommandLine(files, socket.pid),
    })
    if (sign === null) continue
    const where = `${socket.protocol === tcp ? 'tcp' : 'udp'} ${placeOf(local.address)}:${local.port}`
    if (!found.has(where)) found.set(where, { sign, sharing: sharingOf(files, socket, `${sign} ${where}`) })
  }
  return [...found.values()]
    .sort((a, b) => Number(a.sign !== 'known-program') - Number(b.sign !== 'known-program'))
    .map(({ sharing }) => sharing)
}

function isWaitingForOthers({ protocol, state, peer }: OwnedSocket, address: string): boolean {
  const isWaiting = protocol === tcp ? state === 'listen' : protocol === udp && peer === null
  const parsed = parseAddress(address)
  return isWaiting && parsed !== null && kindOf(parsed) !== 'loopback'
}

function sharingOf(files: PictureFiles, socket: OwnedSocket, detail: string): Sharing {
  const { pid, uid, program, path, local } = socket
  return {
    service: 'proxy',
    detail,
    port: local?.port ?? null,
    pid,
    program: pid === null || program === null ? null : readProgram(files, { pid, uid, name: program, path }),
  }
}

function placeOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

function lastPartOf(path: RawText | null): RawText | null {
  if (path === null) return null
  // The kernel adds this to the path of a program whose file was removed or replaced while it runs.
  const text = latin1Of(path).replace(/ \(deleted\)$/, '')
  return joinRaw(text.slice(text.lastIndexOf('/') + 1))
}

function latin1Of(text: RawText): string {
  return Buffer.from(bytesOfRawText(text)).toString('latin1')
}
