/**
 * The airlock on a real kernel: a stick is examined, and sealed, while it has no driver and no block device; the seal is
 * still there when the guest's own tools have used the stick. Control is set by hand here: the agent is not there.
 */
import { cp, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBlockFile } from '../../agent/examination/block-file-linux.ts'
import { examineMedium } from '../../agent/examination/examine-medium.ts'
import { readImage } from '../../agent/examination/fixtures/image.ts'
import { encodeSealBytes } from '../../protocol/media/seal-bytes.ts'
import { buildAgent } from '../../scripts/build-agent.ts'
import { bootGuest, GUEST_NODE, type Guest } from './boot-guest.ts'
import { createUsbGadgets } from './usb-gadget.ts'

const sealBytes = encodeSealBytes({
  payload: Buffer.from(JSON.stringify({ v: 1, number: 'M-2026-0001' })).toString('base64'),
  signature: Buffer.alloc(64, 7).toString('base64'),
})
const MIB = 1_048_576

describe('the airlock', () => {
  const parts = new AsyncDisposableStack()
  let guest: Guest
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoukou-airlock-'))
    parts.defer(() => rm(folder, { recursive: true, force: true }))
    const built = await buildAgent(join(folder, 'agent'))
    await build({
      entryPoints: [join(import.meta.dirname, 'airlock-probe.ts')],
      outfile: join(dirname(built.entry), 'airlock-probe.mjs'),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      external: ['koffi'],
      logLevel: 'warning',
    })
    guest = parts.use(await bootGuest({ agentFolder: built.folder }))
    await guest.run(
      `modprobe usb_storage; modprobe uas; modprobe sd_mod; modprobe fuse; modprobe exfat; modprobe vfat
      modprobe dummy_hcd num=1; modprobe libcomposite
      echo 0 >/sys/module/usb_storage/parameters/delay_use
      for each in /sys/bus/usb/devices/usb*; do echo 0 >$each/authorized_default; done
      echo 0 >/sys/bus/usb/drivers_autoprobe
      udevadm monitor --kernel --subsystem-match=block >/run/block-events 2>&1 </dev/null &
      sleep 1`,
    )
  })
  afterAll(() => parts.disposeAsync())

  const blockEvents = async () =>
    Number((await guest.run('grep -c "add .*/block/" /run/block-events', { mayFail: true })).stdout)
  const authorise = (serial: string) =>
    guest.run(
      `until grep -lx ${serial} /sys/bus/usb/devices/*/serial; do sleep 0.05; done >/dev/null 2>&1
      device=$(dirname $(grep -lx ${serial} /sys/bus/usb/devices/*/serial))
      [ $(cat $device/authorized) = 0 ] && echo 1 >$device/authorized`,
    )
  const probe = async (...words: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await guest.run(`cd /agent && ${GUEST_NODE} airlock-probe.mjs ${words.join(' ')}`, {
      timeoutMs: 60_000,
    })
    return JSON.parse(stdout) as Record<string, unknown>
  }
  /** Binds the driver; the disk is then there. */
  const admit = (serial: string) =>
    guest.run(
      `device=$(dirname $(grep -lx ${serial} /sys/bus/usb/devices/*/serial))
      for each in $device/*:1.0; do basename $each >/sys/bus/usb/drivers_probe; done
      until [ -b /dev/sda ]; do sleep 0.02; done; udevadm settle`,
    )
  const pull = async (stick: { readonly id: string }) => {
    await guest.unplug(stick)
    await guest.run('while [ -e /dev/sda ]; do sleep 0.02; done')
  }

  it('tells everything of a stick that has no block device, and leaves it as it was', async () => {
    const image = join(folder, 'fat32.img')
    await writeFile(image, readImage('mbr-fat32'))
    const before = await blockEvents()
    const stick = await guest.plugStick({ serial: 'AIR-1', image })
    await authorise('AIR-1')
    const seen = await probe('AIR-1')
    expect(seen).toMatchObject({
      passport: {
        inquiry: { vendor: 'QEMU', product: 'QEMU HARDDISK' },
        sizeBytes: 44_040_192,
        blockBytes: 512,
        partitionTable: { kind: 'mbr', id: '0a0b0c01' },
        fileSystems: [{ partition: 1, kind: 'vfat', uuid: '0A1B-2C3D', label: 'STICK 32' }],
      },
      sealBytes: null,
      faults: [],
      units: [{ number: 0, peripheralType: 0, isReady: true }],
    })
    const { stdout } = await guest.run(`cd /agent && ${GUEST_NODE} airlock-probe.mjs AIR-1 warm`)
    const [cold, warm] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>)
    const times = [cold, warm].map((one) =>
      [one?.['openMs'], one?.['examineMs']].map((ms) => Math.round(ms ?? 0)),
    )
    console.log(
      `lab: airlock opened and examined in ${times.join(' ms, again in ')} ms, ${JSON.stringify(warm?.['reads'])}`,
    )
    expect(await probe('AIR-1', 'race')).toMatchObject({ isSame: true })
    expect((await guest.run('ls /sys/block')).stdout).not.toMatch(/^sd/m)
    expect(await blockEvents()).toBe(before)
    const bound = await guest.run('ls -l /sys/bus/usb/devices/*:1.0/driver | grep -c storage', {
      mayFail: true,
    })
    expect(bound.stdout).toBe('0\n')

    // The same watch sees the disk once the driver is probed: it was not blind.
    await admit('AIR-1')
    expect(await blockEvents()).toBeGreaterThan(before)
    // With a driver bound there is nothing to claim.
    expect(await probe('AIR-1')).toMatchObject({ code: 'medium-unreadable', context: { step: 'claim' } })
    const throughNode = await guest.run('blkid -p -o value -s UUID /dev/sda1')
    expect(throughNode.stdout).toBe('0A1B-2C3D\n')
    await pull(stick)
  })

  it('says of a stick that is not authorised that it is not configured', async () => {
    const stick = await guest.plugStick({ serial: 'AIR-2' })
    await guest.run('until grep -qx AIR-2 /sys/bus/usb/devices/*/serial; do sleep 0.05; done')
    expect(await probe('AIR-2')).toMatchObject({
      code: 'medium-unreadable',
      context: { step: expect.stringMatching(/^(?:configuration|descriptors|open)$/) as unknown },
    })
    await pull(stick)
  })

  it('ends with an error when the stick is pulled out in the middle of a read', async () => {
    const stick = await guest.plugStick({ serial: 'AIR-3' })
    await authorise('AIR-3')
    const reading = probe('AIR-3', 'linger', '/run/reading-3')
    await guest.run('until [ -e /run/reading-3 ]; do sleep 0.05; done', { timeoutMs: 60_000 })
    await guest.unplug(stick)
    expect(await reading).toMatchObject({ code: 'medium-unreadable', context: { step: 'read', gone: true } })
  })

  it('exposes nothing when its process is killed in the middle, and can be entered again', async () => {
    const before = await blockEvents()
    const stick = await guest.plugStick({ serial: 'AIR-4' })
    await authorise('AIR-4')
    const { stdout } = await guest.run(
      `cd /agent
      ${GUEST_NODE} airlock-probe.mjs AIR-4 linger /run/reading-4 >/dev/null 2>&1 </dev/null &
      until [ -e /run/reading-4 ]; do sleep 0.05; done
      kill -KILL $!; wait $!
      ! readlink /sys/bus/usb/devices/*:1.0/driver | grep storage || exit 1
      ls /sys/block`,
      { timeoutMs: 60_000 },
    )
    expect(stdout).not.toMatch(/^sd/m)
    expect(await probe('AIR-4')).toMatchObject({
      passport: { fileSystems: [{ partition: 0, kind: 'vfat' }] },
    })
    expect(await blockEvents()).toBe(before)
    await pull(stick)
  })

  it('says that a reader has several units, and reads the first alone', async () => {
    const gadgets = createUsbGadgets(guest)
    await guest.run('truncate -s 8M /run/first; truncate -s 4M /run/second')
    await guest.run('for each in /sys/bus/usb/devices/usb*; do echo 0 >$each/authorized_default; done')
    const before = await blockEvents()
    const reader = await gadgets.plug({
      vendorId: '0bda',
      productId: '0129',
      serial: 'AIR-READER',
      functions: [{ kind: 'storage', luns: [{ file: '/run/first' }, { file: '' }, { file: '/run/second' }] }],
    })
    await authorise('AIR-READER')
    expect(await probe('AIR-READER')).toMatchObject({
      passport: { sizeBytes: 8 * MIB, partitionTable: { kind: 'none' }, fileSystems: [] },
      units: [
        { number: 0, isReady: true },
        { number: 1, isReady: false },
        { number: 2, isReady: true },
      ],
    })
    await reader.swap('')
    expect(await probe('AIR-READER')).toMatchObject({
      passport: { sizeBytes: 0, blockBytes: null, partitionTable: null },
      units: [{ isReady: false }, { isReady: false }, { isReady: true }],
    })
    expect(await blockEvents()).toBe(before)
    await reader.unplug()
  })

  const formats = [
    { name: 'vfat', make: 'mkfs.vfat -F 32 -I', check: 'fsck.vfat -n', mount: 'mount -t vfat' },
    { name: 'exfat', make: 'mkfs.exfat', check: 'fsck.exfat -n', mount: 'mount -t exfat' },
    { name: 'ntfs', make: 'mkntfs -q -F -f -p 0', check: 'ntfsfix -n', mount: 'ntfs-3g' },
    { name: 'ext4', make: 'mkfs.ext4 -q -F', check: 'fsck.ext4 -f -n', mount: 'mount -t ext4' },
  ].flatMap((format) => [
    // Before the first partition the place is the same whatever stands in it: one is enough.
    ...(format.name === 'vfat' ? [{ ...format, isPartitioned: true }] : []),
    { ...format, isPartitioned: false },
  ])

  it.each(formats)('leaves a seal that survives use: $name, partitioned: $isPartitioned', async (format) => {
    const serial = `SEAL-${format.name}-${format.isPartitioned ? 'P' : 'W'}`
    const image = join(folder, `${serial}.img`)
    await makeDisk(image, format.isPartitioned)
    const node = format.isPartitioned ? '/dev/sda1' : '/dev/sda'
    const first = await guest.plugStick({ serial, image })
    await authorise(serial)
    await admit(serial)
    await guest.run(`${format.make} ${node}`, { timeoutMs: 60_000 })
    await pull(first)

    const before = await blockEvents()
    const second = await guest.plugStick({ serial, image })
    await authorise(serial)
    const written = await probe(serial, 'seal', sealBytes.toString('base64'))
    expect(await blockEvents()).toBe(before)
    await admit(serial)
    // Filled until nothing fits, emptied, and used again; the check of the format's own tool is clean before and after.
    await guest.run(
      `set -e
      ${format.check} ${node} >/run/check-1 2>&1 || { cat /run/check-1 >&2; exit 1; }
      mkdir -p /mnt/seal && ${format.mount} ${node} /mnt/seal
      mkdir /mnt/seal/folder
      dd if=/dev/urandom of=/run/noise bs=1M count=2 2>/dev/null
      n=0; while cp /run/noise /mnt/seal/folder/$n 2>/dev/null; do n=$((n+1)); done
      sync; rm -r /mnt/seal/folder; echo hello >/mnt/seal/file
      sync; umount /mnt/seal
      ${format.check} ${node} >/run/check-2 2>&1 || { cat /run/check-2 >&2; exit 1; }`,
      { timeoutMs: 120_000 },
    )
    await pull(second)

    await using stack = new AsyncDisposableStack()
    const file = await openBlockFile({ path: image, method: 'guarded' })
    stack.defer(() => file.close())
    const after = await examineMedium(file, { bus: 'usb', usb: null })
    console.log(
      `lab: ${serial}: ${String(written['slot'])}, ${after.reads.count} reads, ${after.reads.bytes} bytes`,
    )
    expect(after.sealBytes?.subarray(0, sealBytes.length)).toEqual(sealBytes)
    expect(after.sealSlot).toBe(written['slot'])
    expect(after.passport.fileSystems).toMatchObject([{ kind: format.name }])
  })

  it('takes a seal off again', async () => {
    const image = join(folder, 'SEAL-vfat-P.img')
    await cp(image, join(folder, 'erase.img'))
    const stick = await guest.plugStick({ serial: 'AIR-ERASE', image: join(folder, 'erase.img') })
    await authorise('AIR-ERASE')
    expect(await probe('AIR-ERASE', 'erase')).toMatchObject({ erased: ['before-first-partition'] })
    expect(await probe('AIR-ERASE')).toMatchObject({ sealBytes: null })
    await pull(stick)
  })
})

/** A disk of 48 MB, empty or with one partition from the first megabyte on. */
async function makeDisk(path: string, isPartitioned: boolean): Promise<void> {
  await writeFile(path, '')
  await truncate(path, 48 * MIB)
  if (!isPartitioned) return
  const table = Buffer.alloc(512)
  table.writeUInt32LE(0x5ea1_ab1e, 440)
  table[446 + 4] = 0x0c
  table.writeUInt32LE(2_048, 446 + 8)
  table.writeUInt32LE(46 * 2_048, 446 + 12)
  table.writeUInt16LE(0xaa55, 510)
  const file = await open(path, 'r+')
  await file.write(table, 0, 512, 0)
  await file.close()
}
