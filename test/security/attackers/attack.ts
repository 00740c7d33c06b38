/**
 * A hostile peer, in a process of its own so that it does not share the console's event loop. Prints one line of JSON when
 * it has done its part, and ends by itself. `attack.ts KIND PORT COUNT CA-FILE`
 */
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'

const [kind = '', port = '0', count = '0', authorityFile = ''] = process.argv.slice(2)
const ca = readFileSync(authorityFile)
const host = '127.0.0.1'
const atOnceMax = 150
const lifeMsMax = 120_000

setTimeout(() => process.exit(3), lifeMsMax).unref()
switch (kind) {
  case 'handshakes':
    await inTurn(handshake)
    break
  case 'garbage':
    await inTurn(garbage)
    break
  case 'slow':
    await slow()
    break
  default:
    process.exit(2)
}

/** Runs `count` of them, some at once; prints how they ended. */
async function inTurn(one: () => Promise<string>): Promise<void> {
  const ends = new Map<string, number>()
  let left = Number(count)
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const end = await one()
      ends.set(end, (ends.get(end) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnceMax }, worker))
  process.stdout.write(`${JSON.stringify({ ends: Object.fromEntries(ends) })}\n`)
}

/** A whole handshake without a certificate: the console has to do its part of the arithmetic, and then refuse. */
function handshake(): Promise<string> {
  return ended(connectTls({ host, port: Number(port), ca, servername: 'localhost', minVersion: 'TLSv1.3' }))
}

function garbage(): Promise<string> {
  const socket = connectTcp({ host, port: Number(port) })
  socket.on('connect', () => socket.write(Buffer.alloc(600, 0x16)))
  return ended(socket)
}

function ended(socket: Socket | TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let why = 'closed'
    socket.setTimeout(20_000, () => {
      why = 'still-open'
      socket.destroy()
    })
    socket.on('error', () => {
      why = 'refused'
    })
    socket.on('data', () => {
      why = 'answered'
    })
    socket.on('close', () => resolve(why))
  })
}

/** Requests of a byte at a time, all at once: each would hold its place for ever. */
async function slow(): Promise<void> {
  const sockets = Array.from({ length: Number(count) }, () =>
    connectTls({ host, port: Number(port), ca, servername: 'localhost', minVersion: 'TLSv1.3' }),
  )
  const closed = sockets.map((socket) => {
    const request = Buffer.from(
      'GET /api/health HTTP/1.1\r\nhost: localhost\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    )
    let at = 0
    const timer = setInterval(() => {
      if (socket.writable) socket.write(request.subarray(at % request.length, (at % request.length) + 1))
      at += 1
    }, 500)
    return ended(socket).finally(() => clearInterval(timer))
  })
  const ends = await Promise.all(closed)
  process.stdout.write(
    `${JSON.stringify({ ends: { all: ends.length, open: ends.filter((end) => end === 'still-open').length } })}\n`,
  )
}
