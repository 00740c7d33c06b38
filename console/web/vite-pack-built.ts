/**
 * Writes a packed copy (gzip) beside each script, style and drawing that was built: packed once, by the best level, not at
 * each request. Fonts are packed by their own format.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const pack = promisify(gzip)
const packed = /\.(js|css|svg)$/
/** Below it a packed copy saves no packet of the network. */
const bytesMin = 1_024

export function packBuilt(): Plugin {
  return {
    name: 'pack-built',
    apply: 'build',
    async writeBundle({ dir }, bundle) {
      if (dir === undefined) throw new Error('the build has no folder')
      for (const name of Object.keys(bundle).filter((one) => packed.test(one))) {
        const bytes = await readFile(join(dir, name))
        if (bytes.length >= bytesMin)
          await writeFile(join(dir, `${name}.gz`), await pack(bytes, { level: 9 }))
      }
    },
  }
}
