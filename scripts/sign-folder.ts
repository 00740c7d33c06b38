/**
 * Signs what was built, and proves on another machine that a folder is the very one: each file's hash, length and mode in one
 * manifest, signed with Ed25519 by a key that is kept off the machine that builds.
 *
 * usage: node scripts/sign-folder.ts sign FOLDER PRIVATE-KEY-FILE
 *        node scripts/sign-folder.ts verify FOLDER PUBLIC-KEY-FILE
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

export const MANIFEST = 'manifest.txt'
export const SIGNATURE = 'manifest.sig'

/** Keeps a signature of this from being one of anything else. */
const CONTEXT = 'shoukou.build.v1\n'

/**
 * Returns the manifest: a line `SHA-256 LENGTH MODE PATH` for each file, sorted by path. The same for the same content, whenever
 * and wherever it was built. Throws where a folder holds what is neither file nor folder, or a name that is no line's part.
 */
export async function manifestOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const lines: string[] = []
  for (const entry of entries) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path)
    if (name === MANIFEST || name === SIGNATURE) continue
    if (!entry.isFile() || /[\r\n]/.test(name)) throw new Error(`${JSON.stringify(name)} can't be signed.`)
    const bytes = await readFile(path)
    const mode = modeOf((await lstat(path)).mode)
    lines.push(`${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${mode} ${name}\n`)
  }
  return lines.toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1)).join('')
}

/** Whether it is a program, whatever the umask; and whose rights it takes (set-user-ID and the like), which none of ours does. */
function modeOf(mode: number): string {
  return ((mode & 0o7000) | ((mode & 0o111) === 0 ? 0o644 : 0o755)).toString(8)
}

/** Writes manifest and signature into the folder. */
export async function signFolder(folder: string, privateKeyPem: string): Promise<void> {
  const manifest = await manifestOf(folder)
  const signature = sign(null, Buffer.from(CONTEXT + manifest), createPrivateKey(privateKeyPem))
  await writeFile(join(folder, MANIFEST), manifest)
  await writeFile(join(folder, SIGNATURE), `${signature.toString('base64')}\n`)
}

/** Returns what is not as it was signed: paths, or the signature's own name; empty where all of it is. */
export async function verifyFolder(folder: string, publicKeyPem: string): Promise<string[]> {
  const signed = await readFile(join(folder, MANIFEST), 'utf8').catch(() => null)
  const signature = await readFile(join(folder, SIGNATURE), 'utf8').catch(() => null)
  if (signed === null || signature === null) return [MANIFEST]
  const bytes = Buffer.from(signature.trim(), 'base64')
  if (!verify(null, Buffer.from(CONTEXT + signed), createPublicKey(publicKeyPem), bytes)) return [SIGNATURE]
  const [told, there] = [linesOf(signed), linesOf(await manifestOf(folder))]
  const different = [
    ...[...told].filter((line) => !there.has(line)),
    ...[...there].filter((line) => !told.has(line)),
  ]
  return different
    .map(pathOf)
    .toSorted()
    .filter((path, at, all) => path !== all[at - 1])
}

function linesOf(manifest: string): Set<string> {
  return new Set(manifest.split('\n').filter((line) => line !== ''))
}

function pathOf(line: string): string {
  return line.split(' ').slice(3).join(' ').replace(/\n$/, '')
}

if (import.meta.main) {
  const [act, folder = '', keyFile = ''] = process.argv.slice(2)
  const key = await readFile(keyFile, 'utf8')
  if (act === 'sign') await signFolder(folder, key)
  else {
    const wrong = await verifyFolder(folder, key)
    for (const path of wrong) process.stdout.write(`not as it was signed: ${JSON.stringify(path)}\n`)
    process.exitCode = wrong.length === 0 ? 0 : 1
  }
}
