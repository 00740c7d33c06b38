import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fact } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { GOOD_PICTURE, packetSocket, pictureOf } from '../../policy/network/testing/pictures.ts'
import { diffPictures } from '../../sensors/network/picture/diff-pictures.ts'
import { PictureMemory } from './picture-memory.ts'

const damaged = (path: string): never => {
  throw new Error(`${path} is damaged`)
}

async function memoryAt(path: string, bootId: string, told: Fact[]): Promise<PictureMemory> {
  return new PictureMemory({
    ...{ path, bootId, wallMs: () => 1_700_000_000_000, diff: diffPictures },
    last: await PictureMemory.read(path, damaged),
    tell: (fact) => told.push(fact),
    onFault: (fault) => {
      throw fault
    },
  })
}

it('tells at the next start what differs from what the last run saw, and whether a boot lies between', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'shoukou-memory-')), 'network-picture.json')
  const told: Fact[] = []
  const first = await memoryAt(path, 'boot-1', told)
  first.came({ ...GOOD_PICTURE, sockets: [packetSocket('tcpdump', 0)] })
  await first.stop()
  expect(await readFile(path, 'utf8')).not.toContain('tcpdump')
  const second = await memoryAt(path, 'boot-1', told)
  second.came(GOOD_PICTURE)
  await second.stop()
  expect(told).toEqual([])
  const third = await memoryAt(path, 'boot-2', told)
  third.came({ ...GOOD_PICTURE, dnsServers: ['8.8.8.8'] })
  third.came(pictureOf({}))
  await third.stop()
  expect(told).toMatchObject([
    {
      kind: 'network.changed-while-away',
      sinceBootId: 'boot-1',
      sinceWallMs: 1_700_000_000_000,
      hasRebooted: true,
    },
  ])
  expect(JSON.stringify(told)).toContain('8.8.8.8')
})

it('sets a memory that is no picture aside, and compares with nothing', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'shoukou-memory-')), 'network-picture.json')
  await writeFile(path, '{"v":1}')
  const seen: string[] = []
  expect(await PictureMemory.read(path, (each) => seen.push(each))).toBeNull()
  expect(seen).toEqual([path])
  expect(await readFile(`${path}.damaged`, 'utf8')).toBe('{"v":1}')
})
