import { describe, expect, it } from 'vitest'
import type { BlockDevice } from './events/shapes.ts'
import { readGolden } from './fixtures/golden.ts'
import { isOwnDisk } from './own-disks.ts'
import { parseRecord } from './parse-record.ts'

const { fact } = parseRecord(readGolden('records/block.attached.json'))
if (fact.kind !== 'block.attached') throw new Error('another golden record')
const disk = (more: Partial<BlockDevice>): BlockDevice => ({
  ...fact.device,
  name: 'sda',
  bus: 'ata',
  isRemovable: false,
  serial: 'S1',
  wwn: null,
  sizeBytes: 1_000,
  ...more,
})
const having = (own: BlockDevice) => ({ disks: [own] })

describe('the computer’s own disk', () => {
  it('is known by its WWN, else its serial, wherever it is plugged', () => {
    expect(isOwnDisk(disk({ name: 'sdz' }), having(disk({})))).toBe(true)
    expect(isOwnDisk(disk({ serial: 'S2' }), having(disk({})))).toBe(false)
    expect(isOwnDisk(disk({ wwn: 'W', serial: 'other' }), having(disk({ wwn: 'W' })))).toBe(true)
    expect(isOwnDisk(disk({ wwn: 'X' }), having(disk({ wwn: 'W' })))).toBe(false)
  })

  it('is known by name and size where it has neither, and not by one of them', () => {
    const bare = { serial: null, wwn: null }
    expect(isOwnDisk(disk(bare), having(disk(bare)))).toBe(true)
    expect(isOwnDisk(disk({ ...bare, sizeBytes: 2 }), having(disk(bare)))).toBe(false)
    expect(isOwnDisk(disk({ ...bare, name: 'sdb' }), having(disk(bare)))).toBe(false)
  })

  it('is no excuse for another medium in the same drive, not even with the same serial', () => {
    for (const drive of [{ isRemovable: true }, { bus: 'optical' }, { bus: 'floppy' }] as const) {
      const empty = disk({ ...drive, sizeBytes: 0 })
      expect(isOwnDisk(empty, having(empty))).toBe(true)
      expect(isOwnDisk({ ...empty, sizeBytes: 32_000 }, having(empty))).toBe(false)
    }
  })
})
