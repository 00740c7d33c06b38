/** `npm run build`: the pages, where their sources changed. */
import { buildPages } from './start/build-pages.ts'

const word = await buildPages()
process.stdout.write(`pages: ${word === '' ? 'built' : word}\n`)
