/** Who this agent is: what enrolment left in `identity/`. The private key is made here and never leaves. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { type Static, Type } from 'typebox'
import { makeFolder, readFileIfThere, writeFileAtomic, writeJsonAtomic } from '../base/atomic-file.ts'
import type { StateFolder } from '../base/state-folder.ts'

const IdentitySchema = Type.Object(
  {
    v: Type.Literal(1),
    agent: Type.String({ minLength: 1, maxLength: 64 }),
    computer: Type.String({ minLength: 1, maxLength: 64 }),
    host: Type.String({ minLength: 1, maxLength: 255 }),
    agentPort: Type.Integer({ minimum: 1, maximum: 65_535 }),
    consoleUrl: Type.String({ maxLength: 2_048 }),
  },
  { additionalProperties: false },
)
const check = checkOf(IdentitySchema)

export type IdentityNames = Static<typeof IdentitySchema>

/** The agent's key and its certificate, PEM. */
export interface Pair {
  readonly key: string
  readonly certificate: string
}

export interface Identity extends IdentityNames {
  /** PEM, all four. */
  readonly key: string
  readonly certificate: string
  readonly authority: string
  readonly policyKey: string
}

/**
 * Reads the identity; null where this computer is not enrolled (no `identity.json`: it is written last).
 *
 * @throws ShoukouError `not-enrolled` where files are missing or are not what they should be.
 */
export async function readIdentity(folder: StateFolder): Promise<Identity | null> {
  const bytes = await readFileIfThere(folder.identityFile)
  if (bytes === null) return null
  const names: unknown = parseOrNull(bytes)
  if (!check.Check(names)) throw broken(folder.identityFile)
  const [{ key, certificate }, authority, policyKey] = await Promise.all([
    readPair(folder),
    readText(folder.authorityFile),
    readText(folder.policyKeyFile),
  ])
  if (!fitTogether({ key, certificate, authority, policyKey })) throw broken(folder.identity)
  return { ...names, key, certificate, authority, policyKey }
}

/** Writes an identity; `identity.json` last, so that half an enrolment is none. */
export async function writeIdentity(folder: StateFolder, identity: Identity): Promise<void> {
  const { key, certificate, authority, policyKey, ...names } = identity
  await makeFolder(folder.identity)
  await writeFileAtomic(folder.keyFile, key, 0o600)
  await writeFileAtomic(folder.certificateFile, certificate, 0o644)
  await writeFileAtomic(folder.authorityFile, authority, 0o644)
  await writeFileAtomic(folder.policyKeyFile, policyKey, 0o644)
  await writeJsonAtomic(folder.identityFile, names, 0o644)
}

/** Puts a renewed pair in place: one file, so that key and certificate change together. */
export async function writePair(folder: StateFolder, { key, certificate }: Pair): Promise<void> {
  await writeFileAtomic(folder.pairFile, `${key.trimEnd()}\n${certificate.trimEnd()}\n`, 0o600)
}

/** Writes the key that spoken codes are checked with, as enrolment answered it. */
export async function writeSpokenKey(folder: StateFolder, key: string): Promise<void> {
  await writeFileAtomic(folder.spokenKeyFile, key, 0o600)
}

/** Reads the key of spoken codes; null where the console had none to give. */
export async function readSpokenKey(folder: StateFolder): Promise<Buffer | null> {
  const bytes = await readFileIfThere(folder.spokenKeyFile)
  const key = bytes === null ? null : Buffer.from(bytes.toString('latin1').trim(), 'base64url')
  return key?.length === 32 ? key : null
}

/** Reports whether the four are what they are called, and the certificate is for the key: seen here, or in each handshake. */
function fitTogether(pems: Pick<Identity, 'key' | 'certificate' | 'authority' | 'policyKey'>): boolean {
  try {
    const isOfKey = new X509Certificate(pems.certificate).checkPrivateKey(createPrivateKey(pems.key))
    const isAuthority = new X509Certificate(pems.authority).raw.length > 0
    return isOfKey && isAuthority && createPublicKey(pems.policyKey).asymmetricKeyType === 'ed25519'
  } catch (fault) {
    // What OpenSSL or the decoder cannot read is damage; anything else is a defect.
    if (fault instanceof Error && 'code' in fault) return false
    throw fault
  }
}

async function readPair(folder: StateFolder): Promise<Pair> {
  const pair = await readFileIfThere(folder.pairFile)
  if (pair === null) {
    const [key, certificate] = await Promise.all([readText(folder.keyFile), readText(folder.certificateFile)])
    return { key, certificate }
  }
  const text = pair.toString('utf8')
  const at = text.indexOf('-----BEGIN CERTIFICATE-----')
  if (at === -1) throw broken(folder.pairFile)
  return { key: text.slice(0, at), certificate: text.slice(at) }
}

async function readText(path: string): Promise<string> {
  const bytes = await readFileIfThere(path)
  if (bytes === null) throw broken(path)
  return bytes.toString('utf8')
}

function broken(path: string): ShoukouError {
  return new ShoukouError(
    'not-enrolled',
    `The identity in ${path} is missing or damaged; enrol this computer again with --force.`,
    { context: { damaged: path } },
  )
}

function parseOrNull(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}
