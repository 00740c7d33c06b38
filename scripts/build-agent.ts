/**
 * Builds the agent into one folder that runs on a computer without Node and without the project: one bundle, the
 * native part of koffi beside it, and the Node binary.
 *
 * usage: node scripts/build-agent.ts [FOLDER]      (dist/agent when left out)
 * There, `./node shoukou-agent.mjs …` is the agent.
 */
import { chmod, copyFile, cp, mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'

export interface BuiltAgent {
  readonly folder: string
  readonly entry: string
  readonly node: string
}

const root = resolve(import.meta.dirname, '..')
const ENTRY = join(root, 'agent/cli/shoukou-agent.ts')

/**
 * Loaded from node_modules at run time: koffi finds its native file by its own place; usb-detection is optional, and
 * where nobody built it the agent says that it is absent.
 */
const EXTERNAL = ['koffi', 'usb-detection']

/** What CommonJS dependencies expect to exist, and an ES module lacks. */
const BANNER = [
  "import { createRequire as createRequireOfBundle } from 'node:module'",
  'const require = createRequireOfBundle(import.meta.url)',
  'const __filename = import.meta.filename',
  'const __dirname = import.meta.dirname',
].join('\n')

/** Builds the agent into `folder`, replacing what stood there once all of it is made. */
export async function buildAgent(folder: string): Promise<BuiltAgent> {
  const work = `${folder}.part-${process.pid}`
  await rm(work, { recursive: true, force: true })
  try {
    await mkdir(work, { recursive: true })
    await build({
      entryPoints: [ENTRY],
      outfile: join(work, 'shoukou-agent.mjs'),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      external: EXTERNAL,
      banner: { js: BANNER },
      legalComments: 'linked',
      logLevel: 'warning',
    })
    await copyKoffi(join(work, 'node_modules'))
    await copyNode(join(work, 'node'))
    await rm(folder, { recursive: true, force: true })
    await rename(work, folder)
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw error
  }
  return { folder, entry: join(folder, 'shoukou-agent.mjs'), node: join(folder, 'node') }
}

/** Copies what koffi needs at run time: its loader and the one native package of this platform. */
async function copyKoffi(target: string): Promise<void> {
  const fromAgent = createRequire(ENTRY)
  const loader = dirname(fromAgent.resolve('koffi'))
  const native = `@koromix/koffi-${process.platform}-${process.arch}`
  const notAtRunTime = new Set(
    ['lib', 'vendor', 'doc', 'cnoke.cjs', 'CHANGELOG.md'].map((name) => join(loader, name)),
  )
  await cp(loader, join(target, 'koffi'), { recursive: true, filter: (path) => !notAtRunTime.has(path) })
  const nativeFolder = dirname(createRequire(join(loader, 'index.cjs')).resolve(`${native}/package.json`))
  await cp(nativeFolder, join(target, native), { recursive: true })
}

async function copyNode(target: string): Promise<void> {
  const name = `node-${process.platform}-${process.arch}`
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  await copyFile(join(dirname(manifest), 'bin/node'), target)
  await chmod(target, 0o755)
}

if (import.meta.main) {
  const startedAt = performance.now()
  const built = await buildAgent(resolve(process.argv[2] ?? join(root, 'dist/agent')))
  console.log(`agent built in ${Math.round(performance.now() - startedAt)} ms: ${built.folder}`)
}
