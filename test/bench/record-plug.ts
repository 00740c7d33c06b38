/**
 * Records one plug and one unplug of a USB stick on the lab's kernel, for the part of the bench that runs without a
 * guest: the uevents' own bytes, and the files of sysfs that the agent reads.
 *
 * usage: node test/bench/record-plug.ts      (writes fixtures/usb-stick-plug.json)
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { buildAgent } from '../../scripts/build-agent.ts'
import { bootGuest } from '../lab/boot-guest.ts'

const folder = await mkdtemp(join(tmpdir(), 'shoukou-record-'))
try {
  const agentFolder = join(folder, 'agent')
  await buildAgent(agentFolder)
  await build({
    entryPoints: [join(import.meta.dirname, 'record-in-guest.ts')],
    outfile: join(agentFolder, 'record.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    logLevel: 'warning',
  })
  await using guest = await bootGuest({ agentFolder })
  const record = async (act: () => Promise<unknown>) => {
    await guest.run('rm -f /tmp/recorder-listens')
    const lines = guest.run('cd /agent && ./node record.mjs', { timeoutMs: 60_000 })
    await guest.run('until [ -e /tmp/recorder-listens ]; do sleep 0.1; done')
    await act()
    const events = (await lines).stdout.trim().split('\n')
    return events.map((line) => JSON.parse(line) as { atMs: number; b64: string })
  }
  let stick = { id: '' }
  const plug = await record(async () => {
    stick = await guest.plugStick({ serial: 'SHOUKOU-RECORDED' })
  })
  const disk = (await guest.run('cd -P /sys/block/sda && pwd')).stdout.trim()
  const device = /^.*\/usb\d+\/[\d.-]+(?=\/)/.exec(disk)?.[0] ?? ''
  const files = async (place: string, names: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(
        names.map(async (name) => {
          const { stdout } = await guest.run(`base64 -w0 '${place}/${name}' 2>/dev/null`, { mayFail: true })
          return [name, stdout] as const
        }),
      ),
    )
  const usbNames = ['descriptors', 'busnum', 'devnum', 'idVendor', 'idProduct', 'bcdDevice', 'bDeviceClass']
  const sysfs = {
    [device]: await files(device, [...usbNames, 'serial', 'manufacturer', 'product', 'speed', 'authorized']),
    [disk]: await files(disk, ['dev', 'size', 'removable', 'ro']),
    [join(disk, '..', '..')]: await files(join(disk, '..', '..'), ['vendor', 'model', 'type']),
  }
  const unplug = await record(() => guest.unplug(stick))
  const kernel = (await guest.run('uname -r')).stdout.trim()
  const target = join(import.meta.dirname, 'fixtures', 'usb-stick-plug.json')
  await writeFile(target, `${JSON.stringify({ kernel, device, disk, sysfs, plug, unplug }, null, 1)}\n`)
  process.stdout.write(`${target}: ${plug.length} events at the plug, ${unplug.length} at the unplug\n`)
} finally {
  await rm(folder, { recursive: true })
}
