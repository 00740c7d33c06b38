import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openBlockFile } from './block-file-linux.ts'
import { examineMedium } from './examine-medium.ts'
import { readImage } from './fixtures/image.ts'
import { sealForTests } from './fixtures/seal.ts'
import { writeSeal } from './seal-slot.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoukou-block-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a medium through its block device', () => {
  it('is examined and sealed on a real one, and what was written is on the medium', async () => {
    const path = join(folder, 'stick.img')
    writeFileSync(path, readImage('mbr-fat32'))
    await withLoop(path, [], async (node) => {
      const source = await openBlockFile({ path: node, method: 'guarded', forWriting: true })
      const { passport, units } = await examineMedium(source, { bus: 'loop', usb: null })
      expect(passport).toMatchObject({ sizeBytes: 44_040_192, blockBytes: 512 })
      expect(passport.fileSystems).toMatchObject([{ partition: 1, uuid: '0A1B-2C3D' }])
      expect(units).toEqual([])
      expect(await writeSeal(source, sealForTests)).toEqual({ slot: 'before-first-partition' })
      await source.close()
      await source.close()
    })
    const again = await openBlockFile({ path, method: 'open' })
    const { sealBytes } = await examineMedium(again, { bus: 'usb', usb: null })
    await again.close()
    expect(sealBytes?.subarray(0, sealForTests.length)).toEqual(sealForTests)
  })

  it('has the size of block that the kernel says', async () => {
    const path = join(folder, 'large-blocks.img')
    writeFileSync(path, Buffer.alloc(1_048_576))
    await withLoop(path, ['--sector-size', '4096'], async (node) => {
      const source = await openBlockFile({ path: node, method: 'guarded' })
      expect(source).toMatchObject({ blockBytes: 4_096, sizeBytes: 1_048_576, isWritable: false })
      await expect(source.write(0, Buffer.alloc(4_096))).rejects.toMatchObject({ context: { step: 'write' } })
      await expect(source.read(1_048_576, 1)).rejects.toMatchObject({ context: { step: 'bounds' } })
      await source.close()
    })
  })

  it('is unreadable where it is not there or is no block device', async () => {
    const refused = (path: string) => openBlockFile({ path, method: 'guarded' })
    await expect(refused(join(folder, 'nothing'))).rejects.toMatchObject({
      code: 'medium-unreadable',
      context: { step: 'open', errno: 'ENOENT' },
    })
    await expect(refused('/dev/null')).rejects.toMatchObject({ context: { step: 'open' } })
  })

  it('is known by what the kernel keeps of it: SCSI pages before plain attributes', async () => {
    const path = join(folder, 'known.img')
    writeFileSync(path, Buffer.alloc(1_048_576))
    const sys = join(folder, 'sdz')
    mkdirSync(join(sys, 'device'), { recursive: true })
    const attributes: Readonly<Record<string, string | Buffer>> = {
      'device/vendor': 'Kingston\n',
      'device/model': 'DataTraveler 3.0\n',
      'device/rev': '\xff\xfe  \n',
      'device/wwid': 't10.Kingston    x\n',
      'device/vpd_pg80': Buffer.from([0, 0x80, 0, 4, 0x53, 0x31, 0x20, 0x20]),
      'device/vpd_pg83': Buffer.from([0, 0x83, 0, 12, 1, 3, 0, 8, 0x50, 1, 2, 3, 4, 5, 6, 7]),
    }
    for (const [name, value] of Object.entries(attributes)) {
      writeFileSync(join(sys, name), typeof value === 'string' ? Buffer.from(value, 'latin1') : value)
    }
    const source = await openBlockFile({ path, method: 'open', sysFolder: sys })
    expect(await source.inquiry()).toEqual({
      vendor: 'Kingston',
      product: 'DataTraveler 3.0',
      revision: { b64: '//4=' },
    })
    expect(await source.diskSerial()).toBe('S1')
    expect(await source.wwn()).toBe('naa.5001020304050607')
    await source.close()
    rmSync(join(sys, 'device'), { recursive: true })
    const bare = await openBlockFile({ path, method: 'open', sysFolder: sys })
    expect([await bare.inquiry(), await bare.diskSerial(), await bare.wwn()]).toEqual([null, null, null])
    await bare.close()
  })
})

async function withLoop(
  path: string,
  options: string[],
  run: (node: string) => Promise<void>,
): Promise<void> {
  const node = execFileSync('losetup', ['-f', '--show', ...options, path], { encoding: 'utf8' }).trim()
  try {
    await run(node)
  } finally {
    execFileSync('losetup', ['-d', node])
  }
}
