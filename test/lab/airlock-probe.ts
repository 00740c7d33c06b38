/**
 * Runs in the guest: finds a USB device by its serial, examines it in the airlock, prints what came of it as one line of
 * JSON. `airlock-probe.mjs SERIAL [seal BASE64 | erase | race | linger FILE | warm]`
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlockSource } from '../../agent/examination/block-source.ts'
import { examineMedium } from '../../agent/examination/examine-medium.ts'
import { eraseSeal, writeSeal } from '../../agent/examination/seal-slot.ts'
import { openAirlock } from '../../agent/examination/usbfs-linux.ts'
import { ShoukouError } from '../../protocol/errors.ts'

const devices = '/sys/bus/usb/devices'

async function findDevice(serial: string) {
  for (const name of await readdir(devices)) {
    const found = await readFile(join(devices, name, 'serial'), 'utf8').catch(() => '')
    if (found.trim() !== serial) continue
    const number = async (attribute: string) => Number(await readFile(join(devices, name, attribute), 'utf8'))
    return {
      bus: await number('busnum'),
      device: await number('devnum'),
      descriptors: await readFile(join(devices, name, 'descriptors')),
    }
  }
  throw new Error(`no device has the serial ${serial}`)
}

async function act(source: BlockSource, verb: string | undefined, argument: string): Promise<unknown> {
  if (verb === 'seal') return await writeSeal(source, Buffer.from(argument, 'base64'))
  if (verb === 'erase') return { erased: await eraseSeal(source) }
  // Reads at once, that a transport without order would mix up.
  if (verb === 'race') {
    const offsets = Array.from({ length: 16 }, (_, index) => index * 512)
    const parts = await Promise.all(offsets.map((offset) => source.read(offset, 512)))
    return { isSame: Buffer.concat(parts).equals(await source.read(0, 16 * 512)) }
  }
  // Reads until the device is gone, or this process; the file says that it has begun.
  if (verb === 'linger') {
    await source.read(0, 65_536)
    await writeFile(argument, '')
    for (;;) await source.read(0, 65_536)
  }
  const startedAt = performance.now()
  const examination = await examineMedium(source, { bus: 'usb', usb: null })
  return {
    ...examination,
    sealBytes: examination.sealBytes?.toString('base64') ?? null,
    examineMs: performance.now() - startedAt,
  }
}

const [serial = '', verb, argument = ''] = process.argv.slice(2)
try {
  console.log(JSON.stringify(await visit()))
  // A second time, when nothing has to be loaded any more.
  if (verb === 'warm') console.log(JSON.stringify(await visit()))
} catch (error) {
  if (!(error instanceof ShoukouError)) throw error
  console.log(JSON.stringify({ code: error.code, message: error.message, context: error.context }))
}

async function visit(): Promise<object> {
  const startedAt = performance.now()
  const forWriting = verb === 'seal' || verb === 'erase'
  const source = await openAirlock(await findDevice(serial), { forWriting, deadlineMs: 20_000 })
  const openMs = performance.now() - startedAt
  try {
    return { openMs, ...((await act(source, verb, argument)) as object) }
  } finally {
    await source.close()
  }
}
