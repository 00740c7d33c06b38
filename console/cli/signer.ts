/** `shoukou-console signer`: the signing process under an account of its own, at a socket, for units that keep the two apart. */

import { once } from 'node:events'
import { chmod, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ShoukouError } from '@shoukou/protocol'
import { installLastResort } from '../base/last-resort.ts'
import { createLog } from '../base/log.ts'
import { keepCeiling, openDailyKey, readKeptCeiling } from '../signer/daily-key.ts'
import { serveSigner } from '../signer/serve-signer.ts'
import { createSigningCore } from '../signer/signing-core.ts'

export const SIGNER_USAGE = 'shoukou-console signer   --key FILE --ceiling FILE --socket PATH [--make-key]'

/** Serves until a signal. Who may connect is whoever may enter the socket's folder: others may not. */
export async function runSigner(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      key: { type: 'string' },
      ceiling: { type: 'string' },
      socket: { type: 'string' },
      'make-key': { type: 'boolean' },
    },
    strict: true,
  })
  const { key, ceiling: kept, socket } = values
  if (key === undefined || kept === undefined || socket === undefined)
    throw new ShoukouError('config-invalid', `Name key, ceiling and socket: ${SIGNER_USAGE}`)
  const path = resolve(socket)
  await assertFolderClosed(dirname(path))
  process.umask(0o077)
  installLastResort(createLog())
  const core = createSigningCore({
    privateKey: await openDailyKey(resolve(key), values['make-key'] === true),
    ceiling: await readKeptCeiling(resolve(kept)),
    keep: (signed) => keepCeiling(resolve(kept), signed),
  })
  await rm(path, { force: true })
  // One console; a second connection would be somebody else's.
  const server = createServer({ allowHalfOpen: true }, (stream) => {
    serveSigner(stream, core).catch((error: unknown) => {
      process.stderr.write(`shoukou signer: ${String(error)}\n`)
      stream.destroy()
    })
  })
  server.maxConnections = 2
  server.listen(path)
  await once(server, 'listening')
  await chmod(path, 0o660)
  process.stdout.write(`signing at ${path}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  process.exit(0)
}

async function assertFolderClosed(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  if ((mode & 0o007) === 0) return
  throw new ShoukouError(
    'config-invalid',
    `${folder} may be entered by any account; give it to a group of the two and set its mode to 2770 or less.`,
  )
}
