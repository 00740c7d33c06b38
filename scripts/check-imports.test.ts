import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkImports, formatBreach } from './check-imports.ts'
import { findCycles } from './find-cycles.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shoukou-imports-'))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function plant(files: Readonly<Record<string, string>>): string[] {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return checkImports(root).map(formatBreach)
}

const importing = (specifier: string): string => `/** A file. */\n\nimport '${specifier}'\n`

describe('a planted wrong import', () => {
  it.each([
    ['protocol/x.ts', '../agent/base/clock.ts', 'protocol imports nothing of ours'],
    ['protocol/x.ts', '@shoukou/console/base/log.ts', 'protocol imports nothing of ours'],
    ['agent/main.ts', '../console/base/log.ts', 'agent and console never import each other'],
    ['console/main.ts', '@shoukou/agent/base/log.ts', 'agent and console never import each other'],
    ['agent/cli/run.ts', '../../console/base/log.ts', 'agent and console never import each other'],
    ['agent/link/link.test.ts', '../../console/link/server.ts', 'agent and console never import each other'],
    ['agent/base/x.ts', '../journal/journal.ts', 'agent/base may import protocol, not agent/journal'],
    ['agent/sensors/usb/x.ts', '../media/x.ts', 'a sensor never imports another'],
    ['agent/sensors/usb/x.ts', '../create-sensors-linux.ts', 'a sensor never imports another'],
    ['agent/sensors/medium.ts', './usb/x.ts', 'a sensor never imports another'],
    [
      'agent/sensors/usb/x.ts',
      '../../journal/journal.ts',
      'agent/sensors/usb may import protocol, agent/base',
    ],
    ['agent/policy/x.ts', '../base/clock.ts', 'agent/policy may import protocol, not agent/base'],
    [
      'agent/actions/x.ts',
      '../journal/journal.ts',
      'agent/actions may import protocol, agent/base, not agent/journal',
    ],
    [
      'agent/journal/x.ts',
      '../link/link.ts',
      'agent/journal may import protocol, agent/base, not agent/link',
    ],
    [
      'agent/link/x.ts',
      '../journal/journal.ts',
      'agent/link may import protocol, agent/base, agent/policy, not agent/journal',
    ],
    ['agent/pipeline.ts', './link/link.ts', 'agent/pipeline may import'],
    ['agent/pipeline.ts', './sensors/usb/x.ts', 'agent/pipeline may import'],
    [
      'console/link/x.ts',
      '../store/store.ts',
      'console/link may import protocol, console/base and console/*/ports.ts',
    ],
    ['console/ingest/x.ts', '../link/server.ts', 'console/ingest may import'],
    ['console/store/x.ts', '../feed/feed.ts', 'console/store may import'],
    ['console/feed/x.ts', '../store/store.ts', 'console/feed may import'],
    ['console/rules/x.ts', '../base/log.ts', 'console/rules may import protocol, not console/base'],
    ['console/ledger/x.ts', '../store/store.ts', 'console/ledger may import protocol, not console/store'],
    ['console/reports/x.ts', '../store/store.ts', 'console/reports may import protocol, not console/store'],
    ['console/workflows/x.ts', '../api/server.ts', 'console/workflows may import'],
    ['console/api/x.ts', '../link/server.ts', 'console/api may import'],
    [
      'console/web/x.tsx',
      '../store/store.ts',
      'console/web may import protocol and console/api/contract*.ts alone',
    ],
    [
      'console/web/x.tsx',
      '../api/server.ts',
      'console/web may import protocol and console/api/contract*.ts alone',
    ],
    ['console/web/x.tsx', 'node:fs', 'the page runs in a browser: no node: imports'],
    ['console/web/x.tsx', 'path', 'the page runs in a browser: no node: imports'],
    ['console/api/x.ts', 'kysely', 'only console/store knows SQL'],
    ['console/ingest/x.ts', 'node:sqlite', 'only console/store knows SQL'],
    ['console/main.ts', 'kysely/helpers/sqlite', 'only console/store knows SQL'],
    ['agent/sensors/usb/x.ts', 'node:child_process', 'only files named *-linux.ts start processes'],
    ['agent/journal/x.ts', 'child_process', 'only files named *-linux.ts start processes'],
    ['agent/main.ts', 'koffi', 'only files named *-linux.ts start processes'],
    ['agent/new-folder/x.ts', '../base/log.ts', 'agent/new-folder has no row in scripts/import-rules.ts'],
    [
      'console/base/x.ts',
      '../../protocol/fixtures/golden.ts',
      'what is shipped imports no test and no fixture',
    ],
    ['agent/base/x.ts', '../testing/bench.ts', 'what is shipped imports no test and no fixture'],
    ['agent/link/x.ts', 'node:sqlite', 'only console/store knows SQL'],
    ['console/base/x.ts', './x.test.ts', 'what is shipped imports no test and no fixture'],
    ['agent/base/x.ts', '../../test/support/start.ts', 'agent/base may import protocol, not test'],
  ])('in %s of %s is told with file, line and rule', (file, specifier, words) => {
    const breaches = plant({ [file]: importing(specifier) })
    expect(breaches).toHaveLength(1)
    expect(breaches[0]).toMatch(`${file}:3  imports ${specifier}: `)
    expect(breaches[0]).toContain(words)
  })

  it('is found in an import of types alone and in a dynamic one too', () => {
    expect(plant({ 'agent/policy/a.ts': "import type { Clock } from '../base/clock.ts'" })).toHaveLength(1)
    expect(plant({ 'agent/policy/a.ts': "await import('../base/clock.ts')" })).toHaveLength(1)
  })
})

describe('a right import', () => {
  it.each([
    ['protocol/x.ts', './limits.ts'],
    ['protocol/x.ts', 'node:crypto'],
    ['agent/sensors/usb/x.ts', '../sensor.ts'],
    ['agent/sensors/usb/x.ts', '../origin.ts'],
    ['agent/sensors/usb/x.ts', './parse-descriptors.ts'],
    ['agent/sensors/usb/read-usb-linux.ts', 'koffi'],
    ['agent/sensors/create-sensors-linux.ts', './usb/usb-sensor.ts'],
    ['agent/link/x.ts', '../journal/port.ts'],
    ['agent/link/x.ts', '../journal/journal-port.ts'],
    ['agent/pipeline-effects.ts', './actions/authorize-usb-linux.ts'],
    ['agent/main.ts', './link/link.ts'],
    ['agent/base/state-lock.ts', 'node:sqlite'],
    ['agent/testing/bench.ts', '../journal/journal.ts'],
    ['agent/cli/status.ts', 'node:child_process'],
    ['console/ingest/x.ts', '../store/ports.ts'],
    ['console/api/x.ts', '../store/store.ts'],
    ['console/store/x.ts', 'kysely'],
    ['console/web/x.tsx', '../api/contract.ts'],
    ['console/web/x.tsx', 'react'],
    ['console/web/vite-x.ts', 'node:fs'],
    ['console/link/x.test.ts', '../store/store.ts'],
    ['test/integration/x.test.ts', '../../agent/main.ts'],
    ['scripts/x.ts', '../console/main.ts'],
  ])('in %s of %s is silent', (file, specifier) => {
    expect(plant({ [file]: importing(specifier) })).toEqual([])
  })
})

describe('the page', () => {
  const page = "\n\nimport { genesisHead } from '@shoukou/protocol'"

  it('may not reach Node through the protocol, and the way is told', () => {
    const breaches = plant({
      'console/web/x.ts': page,
      'protocol/index.ts': "export * from './chain.ts'",
      'protocol/chain.ts': "import { createHash } from 'node:crypto'",
    })
    expect(breaches).toEqual([
      'console/web/x.ts:3  imports @shoukou/protocol: the page runs in a browser, and this leads to protocol/index.ts → protocol/chain.ts → node:crypto',
    ])
  })

  it('may take types from wherever in the protocol', () => {
    const files = {
      'console/web/x.ts': "import type { Level } from '@shoukou/protocol'",
      'protocol/index.ts': "import 'node:crypto'",
    }
    expect(plant(files)).toEqual([])
  })
})

describe('a path of the kernel', () => {
  it('may stand in a *-linux.ts file and in no other', () => {
    expect(plant({ 'agent/base/read-boot-linux.ts': "read('/proc/uptime')" })).toEqual([])
    expect(plant({ 'agent/base/boot.ts': '\nread(`/proc/${pid}/exe`)' })).toEqual([
      "agent/base/boot.ts:2  says '/proc/': only files named *-linux.ts know paths in /proc and /sys",
    ])
  })

  it('may be handed on as a bare root, except by a file that reads files itself', () => {
    expect(plant({ 'agent/base/boot.ts': "readUsb('/sys')" })).toEqual([])
    expect(plant({ 'agent/base/boot.ts': "import 'node:fs'\nreadFileSync(join('/sys', x))" })).toHaveLength(1)
  })
})

describe('a folder', () => {
  it.each(['utils', 'helpers', 'common', 'types'])('is not called %s', (name) => {
    expect(plant({ [`agent/base/${name}/x.ts`]: '' })).toEqual([
      `agent/base/${name}/x.ts:1  stands here: no folder is called ${name}: name it after what it holds`,
    ])
  })
})

describe('an import cycle', () => {
  it('is told once, with its way', () => {
    const breaches = plant({
      'agent/base/a.ts': "\nimport './b.ts'",
      'agent/base/b.ts': "import './c.ts'",
      'agent/base/c.ts': "import { a } from './a.ts'",
      'agent/base/d.ts': "import './e.ts'",
      'agent/base/e.ts': "import type { D } from './d.ts'",
    })
    expect(breaches).toEqual([
      'agent/base/a.ts:2  is in a cycle: agent/base/a.ts → agent/base/b.ts → agent/base/c.ts → agent/base/a.ts',
    ])
  })

  it('is found in each group of files apart, and not where files only meet', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
      ['x', ['y']],
      ['y', ['x', 'd']],
      ['z', ['z']],
    ])
    expect(findCycles(graph)).toEqual([['x', 'y'], ['z']])
  })
})

describe('the program', () => {
  const run = (folder: string) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'check-imports.ts'), folder])

  it('ends with 1 and says what where something is wrong, with 0 and nothing where not', async () => {
    plant({ 'protocol/x.ts': importing('./y.ts') })
    await expect(run(root)).resolves.toMatchObject({ stdout: '' })
    plant({ 'protocol/x.ts': importing('../agent/main.ts') })
    await expect(run(root)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'protocol/x.ts:3  imports ../agent/main.ts: protocol imports nothing of ours',
      ),
    })
  })

  it('does not call a folder that is not there right', async () => {
    await expect(run(join(root, 'absent'))).rejects.toMatchObject({ code: 1 })
  })
})
