/** For tests: a mail server that speaks RFC 5321 with STARTTLS (RFC 3207) and AUTH (RFC 4954). Not part of the product. */
import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { listen, type TestPki } from './test-receivers.ts'

export interface SmtpServer {
  readonly port: number
  /** Whole messages as they came, dots unstuffed. */
  readonly mails: readonly string[]
  /** What was said, without the messages. */
  readonly commands: readonly string[]
  close(): Promise<void>
}

export interface SmtpOptions {
  readonly pki: TestPki
  /** TLS from the first byte. */
  readonly isImplicit?: boolean
  readonly hasStartTls?: boolean
  readonly methods?: 'PLAIN' | 'LOGIN'
  readonly user?: string
  readonly password?: string
  /** Refused with 550. */
  readonly unknown?: string
}

export async function startSmtpServer(options: SmtpOptions): Promise<SmtpServer> {
  const { pki, isImplicit = false } = options
  const mails: string[] = []
  const commands: string[] = []
  const open = new Set<Socket>()
  const secure = (socket: Socket): TLSSocket => {
    const tls = new TLSSocket(socket, { isServer: true, key: pki.server.key, cert: pki.server.certificate })
    tls.on('error', () => undefined)
    return tls
  }
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => open.delete(socket))
    converse(isImplicit ? secure(socket) : socket, isImplicit)
  })
  const converse = (socket: Socket, isSecure: boolean, greets = true): void => {
    let buffered = ''
    let data: string[] | null = null
    let awaited: ((line: string) => void) | null = null
    const say = (line: string): void => void socket.write(`${line}\r\n`)
    const judge = (isRight: boolean): void =>
      say(isRight ? '235 2.7.0 in' : '535 5.7.8 wrong name or password')
    const startTls = (): void => {
      say('220 2.0.0 go')
      socket.removeAllListeners('data')
      converse(secure(socket), true, false)
    }
    const authenticate = (rest: string): void => {
      if (rest.startsWith('PLAIN')) {
        const [, user, password] = Buffer.from(rest.slice(6), 'base64').toString().split('\0')
        judge(user === options.user && password === options.password)
        return
      }
      say('334 VXNlcm5hbWU6')
      awaited = (user) => {
        say('334 UGFzc3dvcmQ6')
        awaited = (password) => {
          awaited = null
          judge(decoded(user) === options.user && decoded(password) === options.password)
        }
      }
    }
    const obey = (line: string): void => {
      commands.push(line)
      const verb = line.split(/[ :]/)[0]?.toUpperCase()
      if (verb === 'EHLO') {
        const offers = ['localhost', '8BITMIME', `AUTH ${options.methods ?? 'PLAIN'}`]
        if (!isSecure && options.hasStartTls !== false) offers.push('STARTTLS')
        say(offers.map((offer, at) => `250${at === offers.length - 1 ? ' ' : '-'}${offer}`).join('\r\n'))
      } else if (verb === 'STARTTLS' && options.hasStartTls === false) say('502 5.5.1 no such thing')
      else if (verb === 'STARTTLS') startTls()
      else if (verb === 'AUTH') authenticate(line.slice(5))
      else if (verb === 'RCPT' && options.unknown !== undefined && line.includes(options.unknown))
        say('550 5.1.1 nobody here')
      else if (verb === 'DATA') {
        data = []
        say('354 go on')
      } else if (verb === 'QUIT') {
        say('221 bye')
        socket.end()
      } else say('250 2.0.0 fine')
    }
    socket.on('data', (chunk: Buffer) => {
      buffered += chunk.toString('utf8')
      for (let end = buffered.indexOf('\r\n'); end >= 0; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end)
        buffered = buffered.slice(end + 2)
        if (data === null) {
          if (awaited === null) obey(line)
          else awaited(line)
        } else if (line === '.') {
          mails.push(data.join('\r\n'))
          data = null
          say('250 2.0.0 queued as 42')
        } else data.push(line.startsWith('.') ? line.slice(1) : line)
      }
    })
    if (greets) say('220 localhost ESMTP')
  }
  const port = await listen(server, 0)
  return {
    port,
    mails,
    commands,
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}
