import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolderForTest } from '../testing/journal-bench.ts'
import { isHoldOff, isReleased, kernelDefaults, switchesToKeep } from './hold-marks.ts'
import {
  isHeldOffAtBoot,
  keepSwitches,
  readRelease,
  switchesBefore,
  writeRelease,
} from './hold-marks-linux.ts'

const before = {
  moduleDefault: '-1',
  hosts: [{ name: 'usb1', authorizedDefault: '1' }],
  driversAutoprobe: '1',
  autosuspend: '2',
}
const denied = {
  moduleDefault: '0',
  hosts: [{ name: 'usb1', authorizedDefault: '0' }],
  driversAutoprobe: '0',
  autosuspend: '2',
}

describe('the kernel command line', () => {
  it('turns the hold off by one word, the last of several, before what is not the kernel’s', () => {
    expect(isHoldOff('root=/dev/vda quiet shoukou.hold=off')).toBe(true)
    expect(isHoldOff('shoukou.hold=off shoukou.hold=on')).toBe(false)
    expect(isHoldOff('shoukou.hold="off"')).toBe(true)
    for (const line of [
      '',
      'shoukou.hold',
      'shoukou.hold=',
      'xshoukou.hold=off',
      'shoukou.hold=offline',
      'name="a shoukou.hold=off b"',
      'quiet -- shoukou.hold=off',
    ])
      expect(isHoldOff(line), line).toBe(false)
  })

  it('says what the kernel’s own default is', () => {
    expect(kernelDefaults('usbcore.authorized_default=2').moduleDefault).toBe('2')
    expect(kernelDefaults('usbcore.authorized-default=0').moduleDefault).toBe('0')
    expect(kernelDefaults('usbcore.authorized_default=; rm').moduleDefault).toBe('-1')
    expect(kernelDefaults('quiet').moduleDefault).toBe('-1')
  })
})

it('never keeps a denial as what to go back to', () => {
  expect(switchesToKeep(before, 'quiet')).toEqual(before)
  expect(switchesToKeep(denied, 'usbcore.authorized_default=2')).toEqual({
    moduleDefault: '2',
    hosts: [],
    driversAutoprobe: '1',
    autosuspend: '2',
  })
})

it('ends a release with the first newer policy', () => {
  const mark = { v: 1, policyVersion: 4, releasedAtMs: 1, reason: 'r' } as const
  expect([3, 4, 5].map((version) => isReleased(mark, version))).toEqual([true, true, false])
  expect(isReleased(null, 1)).toBe(false)
})

describe('the files', () => {
  async function prepare() {
    const root = await makeFolderForTest()
    const proc = join(root, 'proc')
    await mkdir(proc)
    await writeFile(join(proc, 'cmdline'), 'root=/dev/vda usbcore.authorized_default=2 shoukou.hold=off\n')
    const damaged: string[] = []
    const onDamaged = (path: string) => void damaged.push(path)
    return { root, proc, damaged, places: { run: join(root, 'run'), bootId: 'b1', proc, onDamaged } }
  }

  it('keep what was before the first denial of a boot, whatever is told later in it', async () => {
    const { places } = await prepare()
    await keepSwitches(places, before)
    await keepSwitches(places, denied)
    expect(await switchesBefore(places)).toEqual(before)
    const nextBoot = { ...places, bootId: 'b2' }
    expect((await switchesBefore(nextBoot)).moduleDefault).toBe('2')
    await keepSwitches(nextBoot, { ...before, moduleDefault: '1' })
    expect((await switchesBefore(nextBoot)).moduleDefault).toBe('1')
  })

  it('go back to the kernel’s defaults where what was kept is damaged, and set it aside', async () => {
    const { places, damaged } = await prepare()
    await keepSwitches(places, before)
    const path = join(places.run, 'usb-before-hold.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('usb1', '../../x'))
    expect(await switchesBefore(places)).toEqual({
      moduleDefault: '2',
      hosts: [],
      driversAutoprobe: '1',
      autosuspend: '2',
    })
    expect(damaged).toEqual([path])
  })

  it('take a damaged mark of a release for none: then the denial stands', async () => {
    const { root, places, damaged } = await prepare()
    expect(await readRelease({ root }, places.onDamaged)).toBeNull()
    await writeRelease({ root }, { v: 1, policyVersion: 4, releasedAtMs: 1, reason: 'a reason' })
    expect(await readRelease({ root }, places.onDamaged)).toMatchObject({ policyVersion: 4 })
    await writeFile(join(root, 'release.json'), '{"v":1,"policyVersion":9e99}')
    expect(await readRelease({ root }, places.onDamaged)).toBeNull()
    expect(damaged).toHaveLength(1)
  })

  it('are read from the running kernel', async () => {
    const { proc } = await prepare()
    expect(await isHeldOffAtBoot(proc)).toBe(true)
    expect(await isHeldOffAtBoot()).toBe(false)
  })
})
