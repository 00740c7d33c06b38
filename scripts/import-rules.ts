/**
 * Which part of the project may import which: the arrows, as a table.
 *
 * Pure: paths in, a sentence out. A new folder is in no row and is refused until it is given one, so that its place is
 * decided and not drifted into.
 */

/** Who may import whom, by area; an area may always import itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  'agent/base': ['protocol'],
  'agent/policy': ['protocol'],
  'agent/sensors': ['protocol', 'agent/base'],
  'agent/sensors/*': ['protocol', 'agent/base', 'agent/sensors'],
  'agent/sensors (wiring)': ['protocol', 'agent/base', 'agent/sensors', 'agent/sensors/*'],
  'agent/actions': ['protocol', 'agent/base'],
  // Reading a medium: what stands on it, by what way; the ways into the kernel are its own and those of actions.
  'agent/examination': ['protocol', 'agent/base'],
  // What a decision does: it drives examination and actions, and tells the pipeline what came of it.
  'agent/control': ['protocol', 'agent/base', 'agent/policy', 'agent/examination', 'agent/actions'],
  'agent/journal': ['protocol', 'agent/base'],
  // The agent's own files, and whether it runs: what it sees of itself is told by whoever starts it.
  'agent/protection': ['protocol', 'agent/base'],
  // What is acceptable is decided in one pure place, for what arrives and for what is read back.
  'agent/link': ['protocol', 'agent/base', 'agent/policy'],
  // The link of a computer that no network reaches: it reads the journal's files, and judges orders with the link's stores.
  'agent/bundle': ['protocol', 'agent/base', 'agent/policy', 'agent/journal', 'agent/link'],
  'agent/pipeline': [
    'protocol',
    'agent/base',
    'agent/sensors',
    'agent/policy',
    'agent/actions',
    'agent/journal',
  ],
  'agent/main': ['protocol', 'agent/*'],
  'agent/cli': ['protocol', 'agent/*'],
  'console/base': ['protocol'],
  'console/pki': ['protocol', 'console/base'],
  // A process of its own, with the daily key: it reads what it signs, and knows no store and no network.
  'console/signer': ['protocol', 'console/base', 'console/pki'],
  'console/link': ['protocol', 'console/base'],
  'console/ingest': ['protocol', 'console/base', 'console/rules'],
  'console/store': ['protocol', 'console/base'],
  'console/feed': ['protocol', 'console/base'],
  'console/rules': ['protocol'],
  'console/forward': ['protocol', 'console/base', 'console/rules', 'console/store'],
  // An archive counts once the log's own proof has read it back.
  'console/keeping': ['protocol', 'console/base', 'console/store', 'console/pki', 'console/trail'],
  'console/ledger': ['protocol'],
  'console/reports': ['protocol'],
  'console/workflows': [
    'protocol',
    'console/base',
    'console/rules',
    'console/ledger',
    'console/store',
    'console/pki',
  ],
  'console/api': [
    'protocol',
    'console/base',
    'console/rules',
    'console/store',
    'console/ledger',
    'console/workflows',
    'console/reports',
    'console/feed',
    'console/pki',
    'console/trail',
  ],
  // The log's proofs: who signs its heads, what it means when one comes back, and what a database proves.
  'console/trail': ['protocol', 'console/base', 'console/pki', 'console/rules', 'console/store'],
  // Which fields an entry of a register has, forms and server read in one place.
  'console/web': ['protocol', 'console/ledger'],
  'console/main': ['protocol', 'console/*'],
  'console/cli': ['protocol', 'console/*'],
  test: ['*'],
  scripts: ['*'],
  root: ['*'],
}

/** Small files that state what one part asks of another. */
const portFile = /^(?:agent\/journal\/(?:[a-z-]+-)?ports?|console\/[a-z-]+\/ports)\.ts$/
const mayUseConsolePorts = new Set([
  'console/link',
  'console/ingest',
  'console/store',
  'console/feed',
  'console/api',
])
const apiContract = /^console\/api\/contract(?:-[a-z-]+)?\.ts$|^console\/api\/contract\//

/** Packages that few areas may know. */
interface OwnPackage {
  readonly pattern: RegExp
  readonly areas: readonly string[]
  readonly words: string
}
const OWN_PACKAGES: readonly OwnPackage[] = [
  { pattern: /^(?:kysely|pg)(?:\/|$)/, areas: ['console/store'], words: 'only console/store knows SQL' },
  {
    // agent/base takes SQLite's file lock, and keeps no data in it.
    pattern: /^node:sqlite$/,
    areas: ['console/store', 'agent/base'],
    words: 'only console/store knows SQL',
  },
]
const kernelPackage = /^(?:node:)?child_process$|^koffi(?:\/|$)/
const kernelPath = /^\/(?:proc|sys)\//
const kernelRoot = /^\/(?:proc|sys)$/
const badFolder = /(?:^|\/)(utils|helpers|common|types)\//

/** Returns the area of a file: the row of the table that holds for it. */
export function areaOf(file: string): string {
  const [top = '', second = '', third] = file.split('/')
  if (top === 'protocol' || top === 'test' || top === 'scripts') return top
  if (top !== 'agent' && top !== 'console') return 'root'
  if (third === undefined)
    return /^pipeline(?:-[a-z-]+)?\.ts$/.test(second) ? `${top}/pipeline` : `${top}/main`
  if (top === 'agent' && second === 'sensors') {
    if (file.split('/').length > 3) return `agent/sensors/${third}`
    return /^(?:create|take|baseline)-/.test(third) ? 'agent/sensors (wiring)' : 'agent/sensors'
  }
  return `${top}/${second}`
}

/** Tests and what only tests use: they stand beside the code and reach further than it. */
export function isTestFile(file: string): boolean {
  return /(?:^|\/)(?:test-[^/]*|[^/]*\.test)\.tsx?$/.test(file) || /(?:^|\/)(?:fixtures|testing)\//.test(file)
}

/** What builds the pages: it stands beside them and runs in Node. */
export function isBuildFile(file: string): boolean {
  return /(?:^|\/)vite(?:\.config|-[a-z-]+)\.ts$/.test(file)
}

/** Returns why `from` may not import the file `to`, or null where it may. */
export function refuseFile(from: string, to: string): string | null {
  const [fromArea, toArea] = [areaOf(from), areaOf(to)]
  const sides = new Set([from.split('/')[0], to.split('/')[0]])
  if (sides.has('agent') && sides.has('console')) return 'agent and console never import each other'
  if (fromArea === 'protocol' && toArea !== 'protocol') return 'protocol imports nothing of ours'
  if (!isFree(fromArea) && isTestFile(to) && !isTestFile(from))
    return 'what is shipped imports no test and no fixture'
  if (fromArea === toArea || isTestFile(from)) return null
  if (isPort(fromArea, to)) return null
  const allowed = ARROWS[rowOf(fromArea)]
  if (allowed === undefined)
    return `${fromArea} has no row in scripts/import-rules.ts: decide what it may import`
  if (allowed.some((one) => matches(one, toArea))) return null
  return refusalOf(fromArea, toArea, allowed)
}

/** Returns why `from` may not import a package or built-in, or null where it may. */
export function refusePackage(from: string, specifier: string): string | null {
  const area = areaOf(from)
  if (isFree(area) || isTestFile(from)) return null
  for (const { pattern, areas, words } of OWN_PACKAGES) {
    if (pattern.test(specifier) && !areas.includes(area)) return words
  }
  if (kernelPackage.test(specifier) && !mayTouchKernel(from)) {
    return 'only files named *-linux.ts start processes or call the kernel'
  }
  if (area === 'console/web' && specifier.startsWith('node:') && !isBuildFile(from))
    return 'the page runs in a browser: no node: imports'
  return null
}

/**
 * Returns why a string literal may not stand in a file, or null where it may. The bare roots may be handed to a reader
 * as an argument; a file that reads files itself may not even name those.
 */
export function refuseLiteral(file: string, text: string, readsFiles: boolean): string | null {
  if (isFree(areaOf(file)) || isTestFile(file) || mayTouchKernel(file)) return null
  const isRefused = kernelPath.test(text) || (readsFiles && kernelRoot.test(text))
  return isRefused ? 'only files named *-linux.ts know paths in /proc and /sys' : null
}

/** Returns why a file may not stand where it does, or null where it may. */
export function refusePlace(file: string): string | null {
  const folder = badFolder.exec(file)?.[1]
  return folder === undefined ? null : `no folder is called ${folder}: name it after what it holds`
}

function isFree(area: string): boolean {
  return ARROWS[rowOf(area)]?.includes('*') === true
}

function mayTouchKernel(file: string): boolean {
  return file.endsWith('-linux.ts') || /^(?:agent|console)\/cli\//.test(file)
}

function isPort(fromArea: string, to: string): boolean {
  if (fromArea === 'console/web') return apiContract.test(to)
  if (!portFile.test(to)) return false
  return to.startsWith('agent/') ? fromArea === 'agent/link' : mayUseConsolePorts.has(fromArea)
}

function rowOf(area: string): string {
  return /^agent\/sensors\/[^/]+$/.test(area) ? 'agent/sensors/*' : area
}

function matches(allowed: string, area: string): boolean {
  if (allowed === '*') return true
  return allowed.endsWith('/*') ? area.startsWith(allowed.slice(0, -1)) : allowed === area
}

function refusalOf(from: string, to: string, allowed: readonly string[]): string {
  if (from.startsWith('agent/sensors') && to.startsWith('agent/sensors'))
    return 'a sensor never imports another'
  if (from === 'console/web') return 'console/web may import protocol and console/api/contract*.ts alone'
  const ports = mayUseConsolePorts.has(from) ? ' and console/*/ports.ts' : ''
  return `${from} may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}${ports}, not ${to}`
}
