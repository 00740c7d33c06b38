/**
 * Reads where this machine gets its Debian packages from, so that the guest's come from there too and no mirror's name
 * stands in the project.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The guest's Debian. Its kernel is what the lab's findings were made on. */
export const SUITE = 'bookworm'

export interface DebianSources {
  /** One-line entries for apt's sources.list. */
  readonly lines: readonly string[]
  /** What this machine tells apt about proxies and the age of its indices. */
  readonly aptOptions: readonly string[]
}

const PASSED_ON =
  /^Acquire::(?:https?::Proxy(?:::[^ ]*)?|https?::Proxy-Auto-Detect|Check-Valid-Until|Check-Date|Retries) "[^"]+";$/

/** Throws when this machine has no source of the guest's Debian, or has never fetched its index. */
export async function readDebianSources(): Promise<DebianSources> {
  const run = promisify(execFile)
  const targets = await run('apt-get', [
    'indextargets',
    '--format',
    '$(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)',
    'Created-By: Packages',
  ])
  const config = await run('apt-config', ['dump'])
  const lines = parseTargets(targets.stdout)
  if (lines.length === 0) {
    throw new Error(
      `this machine has no package source for Debian ${SUITE}: add one, then run "apt-get update"`,
    )
  }
  return { lines, aptOptions: parseAptOptions(config.stdout) }
}

/** Returns the entries of the guest's suite with its updates; sources of others than Debian are left out. */
export function parseTargets(text: string): string[] {
  const lines = new Set<string>()
  for (const line of text.split('\n')) {
    const [origin, uri, codename, component] = line.split(' ')
    if (origin !== 'Debian' || uri === undefined || codename === undefined || component !== 'main') continue
    if (codename === SUITE || codename.startsWith(`${SUITE}-`))
      lines.add(`deb ${uri} ${codename} ${component}`)
  }
  return [...lines]
}

/** Returns the options of `apt-config dump` that decide whether the mirror can be reached and is believed. */
export function parseAptOptions(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => PASSED_ON.test(line))
    .map((line) => line.slice(0, -1))
}
