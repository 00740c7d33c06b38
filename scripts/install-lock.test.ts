import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const require = createRequire(import.meta.url)
const { isStale, withLock } = require('./install-lock.cjs') as {
  isStale: (folder: string, now: number) => boolean
  withLock: <T>(folder: string, say: (text: string) => void, task: () => Promise<T>) => Promise<T>
}

let folder: string
let parent: string
const silent = (): void => undefined

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'shoukou-lock-'))
  folder = join(parent, 'lock')
})
afterEach(() => {
  rmSync(parent, { recursive: true, force: true })
})

function heldBy(owner: string | null): void {
  mkdirSync(folder)
  if (owner !== null) writeFileSync(join(folder, 'owner'), owner)
}

describe('the installation lock', () => {
  it('lets one in at a time', async () => {
    let inside = 0
    let most = 0
    const task = async () => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setTimeout(resolve, 5))
      inside -= 1
    }
    await Promise.all(Array.from({ length: 5 }, () => withLock(folder, silent, task)))
    expect(most).toBe(1)
  })

  it('is given back when the task fails', async () => {
    const failing = () => Promise.reject(new Error('npm'))
    await expect(withLock(folder, silent, failing)).rejects.toThrow('npm')
    expect(await withLock(folder, silent, () => Promise.resolve(1))).toBe(1)
  })

  it('is not stale while its holder lives, nor in the moment before the holder has written its name', () => {
    heldBy(`${process.pid} ${hostname()}\n`)
    expect(isStale(folder, Date.now())).toBe(false)
    rmSync(join(folder, 'owner'))
    expect(isStale(folder, Date.now())).toBe(false)
  })

  it('is stale when its holder is dead', () => {
    heldBy(`99999999 ${hostname()}\n`)
    expect(isStale(folder, Date.now())).toBe(true)
  })

  it('cannot be judged by the process number of another host', () => {
    heldBy('99999999 another-host\n')
    expect(isStale(folder, Date.now())).toBe(false)
  })

  it('is stale when nobody has touched it for a minute', () => {
    heldBy('1 another-host\n')
    const old = new Date(Date.now() - 61_000)
    utimesSync(folder, old, old)
    expect(isStale(folder, Date.now())).toBe(true)
  })

  it('of many who find it stale, still lets one in at a time', async () => {
    heldBy(`99999999 ${hostname()}\n`)
    let inside = 0
    let most = 0
    const task = async () => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise((resolve) => setTimeout(resolve, 2))
      inside -= 1
    }
    await Promise.all(Array.from({ length: 5 }, () => withLock(folder, silent, task)))
    expect(most).toBe(1)
  })
})
