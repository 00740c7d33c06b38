/**
 * The console's keys in its data folder: authority, server certificate, receipt key, grant key. Made at the first start, kept for
 * good; files are 0600 in a folder of 0700.
 *
 * The daily key stands beside them and is not read here: the signing process opens it (`console/signer`), by its path.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeSealingKey, type SealingKeyPair, ShoukouError, sealingPublicKey } from '@shoukou/protocol'
import { writeFileAtomically } from '../base/atomic-file.ts'
import {
  createAuthority,
  isPair,
  issueServerCertificate,
  type KeyAndCertificate,
  serves,
} from './authority.ts'

export interface ConsoleKeys {
  readonly authority: KeyAndCertificate
  /** The server's key, and its certificate followed by the authority's: the chain as sent in the handshake. */
  readonly server: KeyAndCertificate
  /** 32 bytes: makes receipts, and knows its own again. */
  readonly receiptKey: Buffer
  /** 32 bytes: what each computer's key for spoken codes is derived from. A console before media control has none: it is made. */
  readonly grantKey: Buffer
  /** 32 bytes: what seals of journals and codes for removal are derived from (`protection-keys.ts`). Made where there is none. */
  readonly protectionKey: Buffer
  /** X25519: what bundles of computers without a network are sealed to. Made where there is none. */
  readonly bundleKey: SealingKeyPair
  /** 32 bytes: what signing in keeps secret at rest is sealed under keys derived from it. Made where there is none. */
  readonly signInKey: Buffer
  /** 32 bytes: what secrets of forwarding targets are sealed under at rest. Made where there is none. */
  readonly forwardKey: Buffer
  /** 32 bytes: the seed of the key that signs what backups hold. Made where there is none. */
  readonly backupKey: Buffer
}

/** Reads the keys, or makes those that are not there yet. `names` are the server's host names and addresses. */
export async function openKeys(
  folder: string,
  unit: string,
  names: readonly string[],
  now: number,
): Promise<ConsoleKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const authority = await openPair(folder, 'authority', () => createAuthority(unit, now))
  if (!isPair(authority)) {
    throw new ShoukouError(
      'config-invalid',
      `${join(folder, 'authority.key')} is not the key of authority.crt beside it; restore both from the backup.`,
    )
  }
  let server = await openPair(folder, 'server', () => issueServerCertificate(authority, names, now))
  if (!serves(server, authority, { names, now })) {
    server = await issueServerCertificate(authority, names, now)
    await writePair(folder, 'server', server)
  }
  return {
    authority,
    server: { key: server.key, certificate: `${server.certificate.trimEnd()}\n${authority.certificate}` },
    receiptKey: await openSecret(folder, 'receipt.key'),
    grantKey: await openSecret(folder, 'grant.key'),
    protectionKey: await openSecret(folder, 'protection.key'),
    bundleKey: await openBundleKey(folder),
    signInKey: await openSecret(folder, 'sign-in.key'),
    forwardKey: await openSecret(folder, 'forward.key'),
    backupKey: await openSecret(folder, 'backup.key'),
  }
}

/** Where the daily key and the ceiling that its process holds stand, in the folder of the keys. */
export function signerFiles(folder: string): {
  readonly keyFile: string
  /** Written by the signing process, for whoever drafts a ceiling. */
  readonly publicFile: string
  readonly ceilingFile: string
} {
  return {
    keyFile: join(folder, 'policy.key'),
    publicFile: join(folder, 'policy.key.pub'),
    ceilingFile: join(folder, 'ceiling.json'),
  }
}

async function openBundleKey(folder: string): Promise<SealingKeyPair> {
  const path = join(folder, 'bundle.key')
  const found = await readIfThere(path)
  if (found === null) {
    const made = makeSealingKey()
    await writeFileAtomically(path, made.privateKey)
    return made
  }
  try {
    return { privateKey: found, publicKey: sealingPublicKey(found) }
  } catch (cause) {
    throw new ShoukouError('config-invalid', `${path} is damaged; restore it from the backup.`, { cause })
  }
}

const secretBytes = 32

async function openSecret(folder: string, name: string): Promise<Buffer> {
  const path = join(folder, name)
  const found = await readIfThere(path)
  if (found === null) {
    const made = randomBytes(secretBytes)
    await writeFileAtomically(path, `${made.toString('base64')}\n`)
    return made
  }
  const key = Buffer.from(found, 'base64')
  if (key.length === secretBytes) return key
  throw new ShoukouError('config-invalid', `${path} is damaged; restore it from the backup.`)
}

async function openPair(
  folder: string,
  name: string,
  make: () => Promise<KeyAndCertificate>,
): Promise<KeyAndCertificate> {
  const key = await readIfThere(join(folder, `${name}.key`))
  const certificate = await readIfThere(join(folder, `${name}.crt`))
  if (key !== null && certificate !== null) return { key, certificate }
  if (certificate !== null) {
    // A lost key is never papered over with a new one: every agent trusts the old.
    throw new ShoukouError(
      'config-invalid',
      `${join(folder, `${name}.key`)} is missing; restore it from the backup.`,
    )
  }
  const made = await make()
  await writePair(folder, name, made)
  return made
}

/** The key first: a certificate is there only with its key. */
async function writePair(folder: string, name: string, pair: KeyAndCertificate): Promise<void> {
  await writeFileAtomically(join(folder, `${name}.key`), pair.key)
  await writeFileAtomically(join(folder, `${name}.crt`), pair.certificate, 0o644)
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
