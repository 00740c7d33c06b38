import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { loadLibc } from './libc-linux.ts'
import { type OwnedSocket, readSockets } from './sock-diag-linux.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

/** A server on this computer and a client that is connected to it. */
async function openConnection(): Promise<{ server: number; client: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  await new Promise((resolve) => client.once('connect', resolve))
  undo.push(() => {
    client.destroy()
    server.close()
  })
  return { server: port, client: client.localPort ?? 0 }
}

const localPort =
  (port: number) =>
  ({ local }: OwnedSocket): boolean =>
    local?.port === port

it('names the process behind a listener and a connection of this very process', async () => {
  const ports = await openConnection()
  const { sockets } = await readSockets()
  const listener = sockets.find((one) => localPort(ports.server)(one) && one.state === 'listen')
  expect(listener).toMatchObject({
    protocol: 6,
    family: 'ipv4',
    peer: null,
    pid: process.pid,
    uid: process.getuid?.(),
  })
  expect(listener?.path).toBe(process.execPath)
  const client = sockets.find(localPort(ports.client))
  expect(client).toMatchObject({
    state: 'established',
    pid: process.pid,
    peer: { address: '127.0.0.1', port: ports.server },
  })
  expect(client?.inode).toBeGreaterThan(0)
})

it('tells of raw, packet and UDP sockets too, the packet socket with its EtherType', async () => {
  const libc = await loadLibc()
  const raw = libc.socket(2, 3, 1).value
  const packet = libc.socket(17, 3, 0x88cc).value
  expect([raw > 0, packet > 0], 'this test opens raw sockets and needs root').toEqual([true, true])
  undo.push(() => {
    libc.close(raw)
    libc.close(packet)
  })
  const udp = createSocket('udp6')
  await new Promise<void>((resolve) => {
    udp.bind(0, '::1', resolve)
  })
  undo.push(() => udp.close())
  const mine = (await readSockets()).sockets.filter(({ pid }) => pid === process.pid)
  expect(mine.find(({ protocol, family }) => family === 'ipv4' && protocol === 1)).toMatchObject({
    state: 'unconnected',
    local: { address: '0.0.0.0', port: null },
  })
  expect(mine.find(({ family }) => family === 'packet')).toMatchObject({
    protocol: 0xcc88,
    local: null,
    peer: null,
  })
  expect(mine.find(localPort(udp.address().port))).toMatchObject({ protocol: 17, family: 'ipv6', peer: null })
})

it('hands back no more than asked for, counts the rest, and keeps connections before listeners', async () => {
  await openConnection()
  const one = await readSockets({ limit: 1 })
  expect(one.sockets).toHaveLength(1)
  // Both ends of the connection and its listener, less the one; others of this computer come and go.
  expect(one.omitted).toBeGreaterThanOrEqual(2)
})

it('keeps listeners beside the limit where asked to, so that no connection crowds one out', async () => {
  const ports = await openConnection()
  const { sockets } = await readSockets({ limit: 0, waitingMax: 1_000 })
  expect(sockets.some(localPort(ports.server))).toBe(true)
  expect(sockets.some(localPort(ports.client))).toBe(false)
})

it('reads only what waits to be spoken to where that is all one wants', async () => {
  const ports = await openConnection()
  const { sockets } = await readSockets({ listenersOnly: true })
  expect(sockets.some(localPort(ports.server))).toBe(true)
  expect(sockets.some(localPort(ports.client))).toBe(false)
})

it('leaves owners out, and does not walk /proc, where nobody asks for them', async () => {
  const ports = await openConnection()
  const { sockets, unread } = await readSockets({ withOwners: false })
  expect(sockets.find(localPort(ports.server))).toMatchObject({ pid: null, program: null, path: null })
  expect(unread).toEqual([])
})

it('finds owners below another root, prefers whoever is not the service manager, and keeps hostile names', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sockets-'))
  undo.push(() => rmSync(root, { recursive: true }))
  for (const [pid, name] of [
    ['1', 'systemd\n'],
    ['40', Buffer.from([0x65, 0xff, 0x0a])],
  ] as const) {
    mkdirSync(`${root}/proc/${pid}/fd`, { recursive: true })
    writeFileSync(`${root}/proc/${pid}/comm`, name)
    symlinkSync('socket:[1077803]', `${root}/proc/${pid}/fd/3`)
    symlinkSync('/dev/null', `${root}/proc/${pid}/fd/0`)
    symlinkSync(`/usr/bin/p${pid} (deleted)`, `${root}/proc/${pid}/exe`)
  }
  mkdirSync(`${root}/proc/net`)
  const head = '  sl  local_address rem_address\n'
  const line =
    ' 246: 0100000A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1077803 2 0 0\n'
  for (const table of ['udp', 'raw', 'packet']) writeFileSync(`${root}/proc/net/${table}`, head)
  writeFileSync(`${root}/proc/net/tcp`, head + line)
  const { sockets, unread } = await readSockets({ root })
  expect(unread).toEqual([])
  expect(sockets).toEqual([
    {
      protocol: 6,
      family: 'ipv4',
      state: 'listen',
      local: { address: '10.0.0.1', port: 80 },
      peer: null,
      pid: 40,
      uid: 0,
      program: { b64: 'Zf8=' },
      inode: 1_077_803,
      interfaceIndex: null,
      path: '/usr/bin/p40 (deleted)',
    },
  ])
})

it('names the tables that every kernel has and that could not be read', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sockets-'))
  undo.push(() => rmSync(root, { recursive: true }))
  mkdirSync(`${root}/proc`)
  expect((await readSockets({ root })).unread).toEqual([
    'sockets-tcp',
    'sockets-udp',
    'sockets-raw',
    'sockets-packet',
  ])
})
