/** Sizes that are claimed and sizes that unfold: refused by the claim, or by the first byte too many, never held in memory. */
import { request as httpsRequest } from 'node:https'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { crc32, deflateRawSync } from 'node:zlib'
import { ShoukouError } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CSRF_HEADER } from '../../console/api/contract.ts'
import { readSheet } from '../../console/workflows/sheets/spreadsheet.ts'
import { startTestConsole, type TestConsole } from '../support/console.ts'
import { enrolRaw, type RawIdentity } from '../support/raw-agent.ts'

const GIB = 1_073_741_824

let console: TestConsole
let identity: RawIdentity
beforeAll(async () => {
  console = await startTestConsole()
  identity = await enrolRaw(console, await console.token())
})
afterAll(() => console[Symbol.asyncDispose]())

/** Speaks WebSocket by hand, so that a frame may claim what no library would send. */
async function upgraded(): Promise<TLSSocket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: console.running.agentPort,
    ca: console.authority,
    servername: 'localhost',
    cert: identity.answer.certificate,
    key: identity.key,
  })
  socket.write(
    'GET /agent HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n',
  )
  const head = await received(socket, (bytes) => bytes.includes('\r\n\r\n'))
  expect(head.toString('latin1')).toMatch(/^HTTP\/1.1 101/)
  // Nothing that unfolds is agreed to.
  expect(head.toString('latin1').toLowerCase()).not.toContain('permessage-deflate')
  return socket
}

function received(socket: TLSSocket, isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    const take = (part: Buffer): void => {
      bytes = Buffer.concat([bytes, part])
      if (!isEnough(bytes)) return
      socket.off('data', take)
      resolve(bytes)
    }
    socket.on('data', take)
    socket.once('error', reject)
    socket.once('close', () => resolve(bytes))
  })
}

/** The biggest growth of the process while something is done. */
async function grownBy(act: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 5)
  await act()
  clearInterval(timer)
  return most - before
}

describe('on the link', () => {
  it('a frame that claims a gigabyte is refused by its head', async () => {
    const grown = await grownBy(async () => {
      const socket = await upgraded()
      const head = Buffer.alloc(14)
      head[0] = 0x82
      head[1] = 0xff
      head.writeBigUInt64BE(BigInt(GIB), 2)
      socket.write(Buffer.concat([head, Buffer.alloc(1_024)]))
      const answer = await received(socket, (bytes) => bytes.length >= 4)
      // A close frame, 1009: message too big (RFC 6455 §7.4.1).
      expect([answer[0], answer.readUInt16BE(2)]).toEqual([0x88, 1_009])
      socket.destroy()
    })
    expect(grown).toBeLessThan(200 * 1_048_576)
  })

  it('more headers than are read end the request, and not the console', async () => {
    // CVE-2024-37890: as many headers as the server reads, and an upgrade that comes after them.
    for (const count of [999, 1_999, 2_001, 20_000]) {
      const socket = connectTls({
        host: '127.0.0.1',
        port: console.running.agentPort,
        ca: console.authority,
        servername: 'localhost',
        cert: identity.answer.certificate,
        key: identity.key,
      })
      socket.on('error', () => undefined)
      const headers = Array.from({ length: count }, (_, at) => `a${at.toString(36)}: b\r\n`).join('')
      socket.write(
        `GET /agent HTTP/1.1\r\nhost: localhost\r\n${headers}upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
      )
      const answer = await received(socket, (bytes) => bytes.includes('\r\n'))
      // Refused, or read whole within the bytes that headers may have.
      expect(answer.toString('latin1').slice(0, 12), `${count}`).toMatch(/^(?:HTTP\/1.1 (?:101|4\d\d))?/)
      if (count > 2_000) expect(answer.toString('latin1')).not.toMatch(/^HTTP\/1.1 101/)
      socket.destroy()
    }
    ;(await upgraded()).destroy()
  })

  it('a gigabyte in pieces is refused at the first piece too many', async () => {
    const socket = await upgraded()
    socket.on('error', () => undefined)
    const piece = Buffer.alloc(65_536)
    const head = Buffer.alloc(14)
    head[1] = 0xff
    head.writeBigUInt64BE(BigInt(piece.length), 2)
    const closed = received(socket, (bytes) => bytes.length >= 4)
    const over = { is: false }
    void closed.then(() => {
      over.is = true
    })
    let sent = 0
    for (let number = 0; !over.is && sent < GIB; number += 1) {
      head[0] = number === 0 ? 0x02 : 0x00
      const goesOn = socket.write(Buffer.concat([head, piece]))
      sent += piece.length
      if (!goesOn) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
    }
    expect((await closed).readUInt16BE(2)).toBe(1_009)
    expect(sent).toBeLessThan(64 * 1_048_576)
    socket.destroy()
  })
})

describe('at the API', () => {
  const ask = (headers: Record<string, string | number>, body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(
        `${console.address}/api/session`,
        {
          method: 'POST',
          ca: console.authority,
          headers: { 'content-type': 'application/json', [CSRF_HEADER]: '1', ...headers },
        },
        (response) => {
          resolve(response.statusCode ?? 0)
          response.resume()
          request.destroy()
        },
      )
      request.on('error', reject)
      request.write(body)
    })

  it('a body that claims a gigabyte is refused before it is sent', async () => {
    expect(await ask({ 'content-length': GIB }, '{')).toBe(413)
  })

  it('a packed body is not unpacked', async () => {
    expect(await ask({ 'content-encoding': 'gzip', 'content-length': 2 }, '{}')).toBeGreaterThanOrEqual(400)
  })
})

describe('in a spreadsheet', () => {
  it.each([
    ['that says how large it unfolds', false],
    ['that says it is small', true],
  ])('a bomb %s is refused', async (_what, doesLie) => {
    const bomb = zipOf('xl/worksheets/sheet1.xml', Buffer.alloc(512 * 1_048_576), doesLie ? 1_000 : null)
    expect(bomb.length).toBeLessThan(1_048_576)
    const grown = await grownBy(async () => {
      await expect(readSheet(bomb)).rejects.toBeInstanceOf(ShoukouError)
    })
    expect(grown).toBeLessThan(200 * 1_048_576)
  })

  it('many parts that unfold to much together are refused', async () => {
    const part = zipOf('xl/a.xml', Buffer.alloc(60 * 1_048_576), null)
    await expect(readSheet(part)).rejects.toBeInstanceOf(ShoukouError)
  })
})

/** A zip of one deflated part (APPNOTE 4.3). `claimed`: another size than it has. */
function zipOf(name: string, content: Buffer, claimed: number | null): Buffer {
  const packed = deflateRawSync(content, { level: 9 })
  const sizes = Buffer.alloc(12)
  sizes.writeUInt32LE(crc32(content), 0)
  sizes.writeUInt32LE(packed.length, 4)
  sizes.writeUInt32LE(claimed ?? content.length, 8)
  const file = Buffer.from(name)
  const localHead = Buffer.alloc(30)
  localHead.writeUInt32LE(0x04034b50, 0)
  localHead.writeUInt16LE(20, 4)
  localHead.writeUInt16LE(8, 8)
  sizes.copy(localHead, 14)
  localHead.writeUInt16LE(file.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(20, 4)
  central.writeUInt16LE(20, 6)
  central.writeUInt16LE(8, 10)
  sizes.copy(central, 16)
  central.writeUInt16LE(file.length, 28)
  const body = Buffer.concat([localHead, file, packed])
  const directory = Buffer.concat([central, file])
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(body.length, 16)
  return Buffer.concat([body, directory, end])
}
