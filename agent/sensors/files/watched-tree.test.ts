import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FactNamed, rawTextKey, showRawText } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LazyPoller } from '../../base/poll-linux.ts'
import { Inotify } from './inotify-linux.ts'
import { WatchedTree } from './watched-tree.ts'

let poller: LazyPoller
let root: string
let inotify: Inotify
let tree: WatchedTree
let told: FactNamed<'file.activity'>[]
let overflows: number
let limits: string[]

beforeEach(async () => {
  poller = new LazyPoller()
  root = mkdtempSync(join(tmpdir(), 'shoukou-tree-'))
  told = []
  overflows = 0
  limits = []
})
afterEach(async () => {
  await tree.close()
  inotify.close()
  await poller.close()
  rmSync(root, { recursive: true, force: true })
})

async function watchTree(more: { foldersMax?: number } = {}): Promise<void> {
  inotify = await Inotify.open(poller, (events) => tree.push(events))
  tree = new WatchedTree({
    root: Buffer.from(root),
    watcher: inotify,
    emit: (fact) => told.push(fact),
    onOverflow: () => (overflows += 1),
    onLimit: (reason) => limits.push(reason),
    onUnmount: () => undefined,
    onFailure: (error) => {
      throw error
    },
    ...more,
  })
  await tree.start()
}

const story = (): string[] =>
  told.map((fact) => {
    const from = fact.renamedFrom === null ? '' : `${showRawText(fact.renamedFrom)} → `
    const path = typeof fact.path === 'string' ? fact.path : `b64:${fact.path.b64}`
    return `${fact.operation} ${from}${path}${fact.source === 'rescan' ? ' (rescan)' : ''}`
  })
async function until(holds: () => boolean, ms = 15_000): Promise<void> {
  for (const end = performance.now() + ms; !holds(); ) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${JSON.stringify(story().slice(-20))}`)
    tree.tick()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('by the kernel’s events', () => {
  it('tells a copied file as created and modified, with its size', async () => {
    await watchTree()
    writeFileSync(join(root, 'plan.docx'), 'four')
    await until(() => told.length >= 2)
    expect(story()).toEqual(['created plan.docx', 'modified plan.docx'])
    expect(told.at(-1)).toMatchObject({
      entry: 'file',
      root,
      sizeBytes: 4,
      isOnMedium: true,
      renamedFrom: null,
    })
  })

  it('tells an empty file once: its name alone may carry something', async () => {
    await watchTree()
    closeSync(openSync(join(root, 'the launch code is 1234'), 'w'))
    await until(() => told.length >= 1)
    expect(story()).toEqual(['created the launch code is 1234'])
  })

  it('keeps a name in its bytes', async () => {
    await watchTree()
    const name = Buffer.from([0xb1, 0xed, 0x0a, 0x1b, 0x22, 0xff])
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), '')
    await until(() => told.length >= 1)
    expect(rawTextKey(told[0]?.path ?? '')).toBe(rawTextKey({ b64: name.toString('base64') }))
  })

  it('joins a rename, also of a folder, whose files keep being told under the new name', async () => {
    mkdirSync(join(root, 'old/deep'), { recursive: true })
    await watchTree()
    renameSync(join(root, 'old'), join(root, 'new'))
    await until(() => told.length >= 1)
    writeFileSync(join(root, 'new/deep/f'), 'x')
    await until(() => told.length >= 3)
    // Found by the look at the renamed folder, where that has not ended yet.
    const lines = story().map((line) => line.replace(' (rescan)', ''))
    expect(lines).toEqual(['renamed old → new', 'created new/deep/f', 'modified new/deep/f'])
    expect(told[0]?.entry).toBe('folder')
  })

  it('tells what is moved out of the tree as deleted, and what is moved in as created with all below', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'shoukou-elsewhere-'))
    writeFileSync(join(root, 'out'), 'x')
    mkdirSync(join(elsewhere, 'in'))
    writeFileSync(join(elsewhere, 'in/file'), 'y')
    await watchTree()
    renameSync(join(root, 'out'), join(elsewhere, 'out'))
    await until(() => told.length >= 1)
    renameSync(join(elsewhere, 'in'), join(root, 'in'))
    await until(() => told.length >= 3)
    expect(story()).toEqual(['deleted out', 'created in', 'created in/file (rescan)'])
    rmSync(elsewhere, { recursive: true })
  })

  it('does not lose files made in a folder before it could be watched', async () => {
    await watchTree()
    mkdirSync(join(root, 'a/b/c'), { recursive: true })
    for (let count = 0; count < 50; count += 1) writeFileSync(join(root, 'a/b/c', `f${count}`), '')
    await until(() => new Set(story().map((line) => line.replace(' (rescan)', ''))).size >= 53)
    const created = told.filter((fact) => fact.operation === 'created').map((fact) => showRawText(fact.path))
    expect(created.length).toBe(new Set(created).size)
    expect(created.length).toBe(53)
  })

  it('tells attributes, changes to what was there before, and removal', async () => {
    writeFileSync(join(root, 'f'), 'x')
    await watchTree()
    chmodSync(join(root, 'f'), 0o600)
    appendFileSync(join(root, 'f'), 'y')
    rmSync(join(root, 'f'))
    await until(() => story().includes('deleted f'))
    expect(story()).toEqual(expect.arrayContaining(['modified f', 'deleted f']))
  })

  it('tells a file that is written and never closed', async () => {
    writeFileSync(join(root, 'log'), '')
    await watchTree()
    const fd = openSync(join(root, 'log'), 'a')
    writeSync(fd, 'secret')
    await until(() => told.length >= 1)
    closeSync(fd)
    expect(story()[0]).toBe('modified log')
  })

  it('loses nothing of a burst of 2,000 files in 20 new folders', async () => {
    await watchTree()
    for (let folder = 0; folder < 20; folder += 1) {
      mkdirSync(join(root, `d${folder}`))
      for (let file = 0; file < 100; file += 1) writeFileSync(join(root, `d${folder}`, `f${file}`), '')
    }
    const created = (): number => told.filter((fact) => fact.operation === 'created').length
    await until(() => created() >= 2_020, 8_000)
    expect(created()).toBe(2_020)
  })
})

describe('when events are lost', () => {
  it('says so at a real overflow of the kernel’s queue, and a rescan makes it good', async () => {
    await watchTree()
    const queue = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'latin1'))
    // Nothing is read meanwhile: this loop holds the process. Two files in turn, so that no two events merge.
    for (const name of ['a', 'b']) writeFileSync(join(root, name), '')
    for (let count = 0; count < queue; count += 1)
      chmodSync(join(root, count % 2 === 0 ? 'a' : 'b'), 0o600 + (count % 64))
    writeFileSync(join(root, 'last'), '')
    await until(() => overflows > 0, 10_000)
    await tree.rescan()
    expect(story()).toContain('created last (rescan)')
  }, 30_000)

  it('a rescan tells created, modified and deleted, all below a lost folder included, and nothing twice', async () => {
    mkdirSync(join(root, 'gone/sub'), { recursive: true })
    for (const name of ['gone/a', 'gone/sub/b', 'kept', 'written']) writeFileSync(join(root, name), 'x')
    inotify = await Inotify.open(poller, () => undefined)
    tree = new WatchedTree({
      root: Buffer.from(root),
      watcher: null,
      emit: (fact) => told.push(fact),
      onOverflow: () => undefined,
      onLimit: () => undefined,
      onUnmount: () => undefined,
      onFailure: (error) => {
        throw error
      },
    })
    await tree.start()
    rmSync(join(root, 'gone'), { recursive: true })
    writeFileSync(join(root, 'written'), 'longer')
    writeFileSync(join(root, 'fresh'), '')
    expect(await tree.rescan()).toBe(6)
    expect(story().toSorted()).toEqual(
      [
        'created fresh',
        'deleted gone',
        'deleted gone/a',
        'deleted gone/sub',
        'deleted gone/sub/b',
        'modified written',
      ].map((line) => `${line} (rescan)`),
    )
    expect(await tree.rescan()).toBe(0)
  })

  it('says that a folder may not be read, rather than taking it for empty', async () => {
    inotify = await Inotify.open(poller, () => undefined)
    tree = new WatchedTree({
      root: Buffer.from(root),
      watcher: { add: () => ({ kind: 'denied' }), remove: () => undefined },
      emit: (fact) => told.push(fact),
      onOverflow: () => undefined,
      onLimit: (reason, remedy) => limits.push(`${reason}: ${remedy}`),
      onUnmount: () => undefined,
      onFailure: (error) => {
        throw error
      },
    })
    await tree.start()
    expect(limits).toEqual(['a folder on a medium may not be read: needs CAP_DAC_READ_SEARCH'])
  })

  it('says that it is beyond its folders, and comparing still finds what is below', async () => {
    for (const name of ['a', 'b', 'c']) mkdirSync(join(root, name))
    await watchTree({ foldersMax: 2 })
    expect(limits[0]).toBe('more than 2 folders')
    for (const name of ['a', 'b', 'c']) writeFileSync(join(root, name, 'f'), '')
    await until(() => told.length >= 1)
    await tree.rescan()
    expect(new Set(told.map((fact) => fact.path))).toEqual(new Set(['a/f', 'b/f', 'c/f']))
  })
})
