/** `npm run build`: the pages, where their sources changed, and the bill of materials (`dist/bill-of-materials.cdx.json`). */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { billOfMaterials, type LockFile } from './bill-of-materials.ts'
import { root } from './checks/run-checks.ts'
import { buildPages } from './start/build-pages.ts'

const word = await buildPages()
process.stdout.write(`pages: ${word === '' ? 'built' : word}\n`)

const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile
const bill = billOfMaterials(lock)
await mkdir(join(root, 'dist'), { recursive: true })
await writeFile(join(root, 'dist', 'bill-of-materials.cdx.json'), `${JSON.stringify(bill, null, 1)}\n`)
process.stdout.write(`bill of materials: ${bill.components.length} packages\n`)
