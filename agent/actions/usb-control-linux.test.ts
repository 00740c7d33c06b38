import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isInterfaceOf, isPortPath, isRootHub } from './usb-control.ts'
import { openUsbControl } from './usb-control-linux.ts'

/** Files where the kernel has attributes: what was written last stands in them, and nothing happens by itself. */
let sys: string
const at = (path: string): string => join(sys, path)
const read = (path: string): string => readFileSync(at(path), 'latin1').trim()
const put = (path: string, content: string): void => {
  mkdirSync(join(at(path), '..'), { recursive: true })
  writeFileSync(at(path), `${content}\n`)
}
const device = (path: string, devnum: number, interfaces: readonly string[]): void => {
  put(`bus/usb/devices/${path}/devnum`, String(devnum))
  put(`bus/usb/devices/${path}/authorized`, '0')
  for (const name of interfaces) put(`bus/usb/devices/${path}/${name}/bInterfaceClass`, '03')
}
const bind = (path: string, name: string, driver: string): void =>
  symlinkSync(`../../../bus/usb/drivers/${driver}`, at(`bus/usb/devices/${path}/${name}/driver`))

beforeEach(() => {
  sys = mkdtempSync(join(tmpdir(), 'shoukou-usb-'))
  put('module/usbcore/parameters/authorized_default', '-1')
  put('module/usbcore/parameters/autosuspend', '2')
  put('bus/usb/drivers_autoprobe', '1')
  put('bus/usb/drivers_probe', '')
  for (const hub of ['usb1', 'usb2']) put(`bus/usb/devices/${hub}/authorized_default`, '1')
})
afterEach(() => rmSync(sys, { recursive: true, force: true }))

describe('denying', () => {
  it('writes the module parameter first, then every controller, then automatic probing, and reads each back', async () => {
    const denial = await openUsbControl({ sys }).deny()
    expect(denial).toEqual({
      usbDefault: 'in-force',
      usbAirlock: 'in-force',
      steps: [
        { step: 'module-default', result: 'done', detail: null },
        { step: 'authorized-default:usb1', result: 'done', detail: null },
        { step: 'authorized-default:usb2', result: 'done', detail: null },
        { step: 'drivers-autoprobe', result: 'done', detail: null },
        { step: 'autosuspend', result: 'done', detail: null },
      ],
    })
  })

  it('brings back exactly what was there, and what the kernel would have given a controller that came later', async () => {
    put('bus/usb/devices/usb2/authorized_default', '2')
    const control = openUsbControl({ sys })
    const saved = await control.readSwitches()
    await control.deny()
    put('bus/usb/devices/usb3/authorized_default', '0')
    const restored = await control.restore(saved)
    expect(restored).toMatchObject({ usbDefault: 'absent', usbAirlock: 'absent' })
    expect(await control.readSwitches()).toEqual({
      moduleDefault: '-1',
      hosts: [
        { name: 'usb1', authorizedDefault: '1' },
        { name: 'usb2', authorizedDefault: '2' },
        { name: 'usb3', authorizedDefault: '1' },
      ],
      driversAutoprobe: '1',
      autosuspend: '2',
    })
  })

  it('lets no device that waits for its authorisation be put to sleep', async () => {
    device('1-1', 7, [])
    device('1-2', 8, ['1-2:1.0'])
    put('bus/usb/devices/1-2/authorized', '1')
    for (const path of ['1-1', '1-2']) put(`bus/usb/devices/${path}/power/autosuspend_delay_ms`, '2000')
    const denial = await openUsbControl({ sys }).deny()
    expect(denial.usbDefault).toBe('in-force')
    expect(read('module/usbcore/parameters/autosuspend')).toBe('-1')
    expect(read('bus/usb/devices/1-1/power/autosuspend_delay_ms').split('\n')[0]).toBe('-1')
    expect(read('bus/usb/devices/1-2/power/autosuspend_delay_ms')).toBe('2000')
  })

  it('says that a layer failed where a switch cannot be written, and still writes the others', async () => {
    rmSync(at('bus/usb/devices/usb1/authorized_default'))
    mkdirSync(at('bus/usb/devices/usb1/authorized_default'))
    const denial = await openUsbControl({ sys }).deny()
    expect(denial.steps[1]).toEqual({ step: 'authorized-default:usb1', result: 'failed', detail: 'EISDIR' })
    expect(read('bus/usb/devices/usb2/authorized_default')).toBe('0')
    rmSync(at('module'), { recursive: true })
    expect((await openUsbControl({ sys }).deny()).usbDefault).toBe('failed')
  })

  it('reports a computer without USB as such, and not as denied', async () => {
    rmSync(at('bus'), { recursive: true })
    rmSync(at('module'), { recursive: true })
    const denial = await openUsbControl({ sys }).deny()
    expect(denial).toMatchObject({ usbDefault: 'absent', usbAirlock: 'absent' })
    expect(denial.steps.map(({ result }) => result)).toEqual(['skipped', 'skipped', 'skipped'])
  })

  it('stays within the steps of one record with a hundred controllers', async () => {
    for (let bus = 3; bus <= 100; bus += 1) put(`bus/usb/devices/usb${bus}/authorized_default`, '1')
    const { steps, usbDefault } = await openUsbControl({ sys }).deny()
    expect(steps.length).toBeLessThanOrEqual(32)
    expect(usbDefault).toBe('in-force')
    expect(read('bus/usb/devices/usb100/authorized_default')).toBe('0')
  })
})

describe('one device', () => {
  it('is authorised and each unbound interface offered to the drivers', async () => {
    device('1-1.2', 7, ['1-1.2:1.0', '1-1.2:1.1'])
    bind('1-1.2', '1-1.2:1.0', 'usbhid')
    const admitted = await openUsbControl({ sys }).admit('1-1.2', 7)
    expect(admitted).toEqual({
      isDone: true,
      steps: [
        { step: 'authorize', result: 'done', detail: null },
        { step: 'probe:1-1.2:1.1', result: 'done', detail: null },
      ],
      interfaces: [
        { name: '1-1.2:1.0', driver: 'usbhid' },
        { name: '1-1.2:1.1', driver: null },
      ],
    })
    expect(read('bus/usb/devices/1-1.2/authorized')).toBe('1')
    expect(read('bus/usb/drivers_probe')).toBe('1-1.2:1.1')
  })

  it('is offered to its own driver where authorising alone gives it no interfaces, as kernels since 6.8 have it', async () => {
    device('1-1', 7, [])
    const admitted = await openUsbControl({ sys }).admit('1-1')
    expect(read('bus/usb/drivers_probe')).toBe('1-1')
    expect(admitted.isDone).toBe(false)
    expect(admitted.steps.at(-1)).toMatchObject({ step: 'probe', detail: 'the device has no interfaces' })
  })

  it('is not let in when another stands on the port than was decided on', async () => {
    device('1-1', 8, ['1-1:1.0'])
    const control = openUsbControl({ sys })
    for (const act of ['admit', 'probe'] as const) {
      const done = await control[act]('1-1', 7)
      expect(done).toMatchObject({ isDone: false, steps: [{ detail: 'another device stands there by now' }] })
    }
    expect(read('bus/usb/devices/1-1/authorized')).toBe('0')
    expect(read('bus/usb/drivers_probe')).toBe('')
  })

  it('enters the airlock only while nothing binds by itself', async () => {
    device('1-1', 7, ['1-1:1.0'])
    const control = openUsbControl({ sys })
    expect(await control.authorizeOnly('1-1', 7)).toMatchObject({
      isDone: false,
      steps: [{ step: 'authorize', result: 'failed', detail: 'automatic probing is on' }],
    })
    expect(read('bus/usb/devices/1-1/authorized')).toBe('0')
    await control.deny()
    expect(await control.authorizeOnly('1-1', 7)).toMatchObject({ isDone: true })
    expect(read('bus/usb/devices/1-1/authorized')).toBe('1')
    expect(read('bus/usb/drivers_probe')).toBe('')
  })

  it('is taken away, and one that has gone already counts as taken', async () => {
    device('1-1', 7, [])
    put('bus/usb/devices/1-1/authorized', '1')
    const control = openUsbControl({ sys })
    expect(await control.remove('1-1', 7)).toMatchObject({ isDone: true, steps: [{ result: 'done' }] })
    expect(read('bus/usb/devices/1-1/authorized')).toBe('0')
    rmSync(at('bus/usb/devices/1-1'), { recursive: true })
    expect(await control.remove('1-1', 7)).toMatchObject({ isDone: true, steps: [{ result: 'skipped' }] })
  })

  it('is a port path or nothing: no text reaches a path of sysfs', async () => {
    const control = openUsbControl({ sys })
    for (const path of ['../../module', '1-1/../usb1', '1-1:1.0', '', '1-1\n', '1-', 'usb1x']) {
      expect(await control.admit(path)).toMatchObject({ isDone: false, steps: [{ step: 'refused' }] })
      expect(await control.remove(path)).toMatchObject({ isDone: false })
    }
    expect(isPortPath('1-1.2.3.4.5.6')).toBe(true)
    expect(isRootHub('usb12')).toBe(true)
    expect(isInterfaceOf('1-0:1.0', 'usb1')).toBe(true)
    expect(isInterfaceOf('1-1:1.0', '1-1')).toBe(true)
    expect(isInterfaceOf('1-1.2:1.0', '1-1')).toBe(false)
    expect(isInterfaceOf('1-1:1.0', 'usb1')).toBe(false)
  })
})

it('denies on a controller that appears later before its root hub gets a driver', async () => {
  put('bus/usb/devices/usb9/authorized_default', '1')
  put('bus/usb/devices/usb9/9-0:1.0/bInterfaceClass', '09')
  const done = await openUsbControl({ sys }).probeRootHub('usb9')
  expect(done.steps.map(({ step }) => step)).toEqual(['authorized-default:usb9', 'probe:9-0:1.0'])
  expect(read('bus/usb/devices/usb9/authorized_default')).toBe('0')
})

it('names unbound interfaces of admitted devices alone, and only of that stay', async () => {
  device('1-1', 7, ['1-1:1.0'])
  device('1-2', 8, ['1-2:1.0'])
  device('1-3', 9, ['1-3:1.0'])
  const control = openUsbControl({ sys })
  await control.deny()
  await control.admit('1-1', 7)
  await control.authorizeOnly('1-2', 8)
  await control.admit('1-3', 9)
  put('bus/usb/devices/1-3/devnum', '10')
  expect(await control.unboundInterfaces()).toEqual([{ path: '1-1', interface: '1-1:1.0' }])
  bind('1-1', '1-1:1.0', 'usbhid')
  expect(await control.unboundInterfaces()).toEqual([])
})

describe('a device that does not answer', () => {
  /** A pipe that is full: a write to it waits in the kernel until somebody reads, as a write to `authorized` may. */
  function stuck(path: string): { release: () => void } {
    const file = at(`bus/usb/devices/${path}/authorized`)
    rmSync(file)
    execFileSync('mkfifo', [file])
    const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const filler = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK)
    const page = Buffer.alloc(4_096)
    try {
      for (;;) writeSync(filler, page)
    } catch (fault) {
      if (!(fault instanceof Error && 'code' in fault && fault.code === 'EAGAIN')) throw fault
    }
    closeSync(filler)
    return {
      release: () => {
        const all = Buffer.alloc(1_048_576)
        readSync(reader, all)
        setTimeout(() => closeSync(reader), 50)
      },
    }
  }

  it('is reported at the deadline, holds nobody else up and gets no second writer', async () => {
    device('1-1', 7, [])
    device('1-2', 8, ['1-2:1.0'])
    const held = stuck('1-1')
    const control = openUsbControl({ sys, deadlineMs: 1_000 })
    const sinceMs = performance.now()
    const ended: string[] = []
    const first = control.admit('1-1', 7).finally(() => ended.push('first'))
    const second = control.authorizeOnly('1-1', 7)
    expect(await control.admit('1-2', 8)).toMatchObject({ isDone: true })
    expect(ended).toEqual([])
    expect(await first).toMatchObject({ isDone: false, steps: [{ detail: 'no answer within 1000 ms' }] })
    expect(await second).toMatchObject({ isDone: false, steps: [{ step: 'refused' }] })
    expect(performance.now() - sinceMs).toBeLessThan(10_000)
    held.release()
    await sleep(100)
  })

  it('is taken away as soon as it answers, though nobody waits for that any more', async () => {
    device('1-1', 7, [])
    const held = stuck('1-1')
    const control = openUsbControl({ sys, deadlineMs: 100 })
    const first = control.admit('1-1', 7)
    const removal = control.remove('1-1', 7)
    expect(await first).toMatchObject({ isDone: false })
    expect(await removal).toMatchObject({ isDone: false })
    const file = at('bus/usb/devices/1-1/authorized')
    rmSync(file)
    writeFileSync(file, '1\n')
    held.release()
    await sleep(200)
    expect(read('bus/usb/devices/1-1/authorized')).toBe('0')
  })

  it('takes no more threads than are set apart for it, however many of its kind there are', async () => {
    const paths = Array.from({ length: 12 }, (_, index) => `1-${index + 1}`)
    const held = paths.map((path, index) => {
      device(path, index + 2, [])
      return stuck(path)
    })
    const control = openUsbControl({ sys, deadlineMs: 150 })
    const results = await Promise.all(paths.map((path) => control.admit(path)))
    const details = results.map(({ steps }) => steps[0]?.detail)
    expect(details.filter((detail) => detail === 'no answer within 150 ms')).toHaveLength(6)
    expect(details.filter((detail) => detail === 'too many devices do not answer')).toHaveLength(6)
    for (const one of held) one.release()
    await sleep(100)
  })
})

describe('keyboards that work', () => {
  const letters = '10000 7 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe'
  const input = (place: string, name: string, key: string): void => {
    put(`devices/${place}/input/${name}/capabilities/key`, key)
    mkdirSync(at('class/input'), { recursive: true })
    symlinkSync(at(`devices/${place}/input/${name}`), at(`class/input/${name}`))
  }

  it('are those with letters: no power button, no headset, nothing that software made', async () => {
    input('platform/i8042/serio0', 'input0', letters)
    input('LNXSYSTM:00/LNXPWRBN:00', 'input1', '10000000000000 0')
    input('virtual/misc/uhid', 'input2', letters)
    input('pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.3/0003:1', 'input3', '1878d800000000 0 0')
    expect(await openUsbControl({ sys }).workingKeyboards()).toBe(1)
  })

  it('count once each, however many input devices one shows', async () => {
    const usb = 'pci0000:00/0000:00:14.0/usb1/1-1'
    input(`${usb}/1-1:1.0/0003:046D:C31C.0001`, 'input4', letters)
    input(`${usb}/1-1:1.1/0003:046D:C31C.0002`, 'input5', letters)
    input(`${usb}.4/1-1.4:1.0/0003:046D:C31C.0003`, 'input6', letters)
    expect(await openUsbControl({ sys }).workingKeyboards()).toBe(2)
  })

  it('are none where there is no input at all', async () => {
    expect(await openUsbControl({ sys }).workingKeyboards()).toBe(0)
  })
})
