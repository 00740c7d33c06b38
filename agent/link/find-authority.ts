/**
 * Finds the console's authority by the fingerprint in the token, before a single byte of ours is sent.
 *
 * The handshake is made without trust, only to see the chain; what is found is then the one thing that is trusted.
 */
import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import { LIMITS, ShoukouError } from '@shoukou/protocol'
import { isIssuedBy } from './certificate-request.ts'

export interface ConsoleAddress {
  readonly host: string
  readonly port: number
}

/**
 * Returns the authority's certificate, PEM.
 *
 * @throws ShoukouError `authority-mismatch` where the console at that address is not the one that the token names; a
 * system's error where nothing answers.
 */
export async function findAuthority(address: ConsoleAddress, fingerprint: string): Promise<string> {
  const [leaf, ...above] = await readPeerChain(address)
  const authority = above.find(
    (each) => createHash('sha256').update(each.raw).digest('base64url') === fingerprint,
  )
  if (leaf === undefined || authority === undefined || !isIssuedBy(leaf, authority)) {
    throw new ShoukouError(
      'authority-mismatch',
      `The console at ${address.host}:${address.port} is not the one that made this token; check the address, or make a token there.`,
      { context: { host: address.host, port: address.port } },
    )
  }
  return authority.toString()
}

const chainLengthMax = 8

function readPeerChain({ host, port }: ConsoleAddress): Promise<X509Certificate[]> {
  return new Promise((resolve, reject) => {
    const servername = isIP(host) === 0 ? { servername: host } : {}
    const socket = connect({
      host,
      port,
      ...servername,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      timeout: LIMITS.helloMsMax,
    })
    socket.once('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true))
      socket.destroy()
      resolve(chain)
    })
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer in time`)))
    socket.once('error', reject)
  })
}

function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  let at: DetailedPeerCertificate | undefined = leaf
  while (at?.raw !== undefined && chain.length < chainLengthMax) {
    chain.push(new X509Certificate(at.raw))
    // A root names itself as its issuer.
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate
  }
  return chain
}
