/**
 * The lab's own parts, without agent and console: whatever fails here makes the other scenarios' failures meaningless.
 */

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostNow } from '../support/qmp-socket.ts'
import { bootGuest, type Guest } from './boot-guest.ts'
import { CONSOLE_ADDRESS, LINK_ADDRESS, LINK_MAC, LINK_NAME } from './qemu-arguments.ts'

describe('the guest', () => {
  const parts = new AsyncDisposableStack()
  let guest: Guest
  let peer: Awaited<ReturnType<typeof startPeer>>
  let silentPort: number

  beforeAll(async () => {
    peer = parts.use(await startPeer())
    silentPort = await freePort()
    guest = parts.use(await bootGuest({ consolePorts: [peer.port, silentPort], translationMb: 64 }))
  })
  afterAll(() => parts.disposeAsync())

  it('runs commands side by side, with exit code, both outputs and a limit in time', async () => {
    const failed = guest.run('printf "out\\n"; printf "err\\377" >&2; exit 3', { mayFail: true })
    const slow = guest.run('sleep 1; echo slow')
    const fed = guest.run('cat', { input: '守口\n' })
    expect(await failed).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\ufffd' })
    expect((await fed).stdout).toBe('守口\n')
    expect((await slow).stdout).toBe('slow\n')
    await expect(guest.run('exit 4')).rejects.toThrow('exit code 4')

    await expect(guest.run('sleep 71 & sleep 72', { timeoutMs: 300 })).rejects.toThrow('not within 300 ms')
    // They are killed at once, and gone a moment later.
    const sleeping = async () => (await guest.run('pgrep -c -x sleep', { mayFail: true })).stdout
    await expect.poll(sleeping).toBe('0\n')
  })

  it('shares a folder with the host, both ways', async () => {
    await writeFile(join(guest.share, 'from-host'), 'one')
    await guest.run('[ "$(cat /host/from-host)" = one ] && printf two >/host/from-guest')
    expect(await readFile(join(guest.share, 'from-guest'), 'utf8')).toBe('two')
  })

  it('has one link, without a default route, and reaches exactly the ports it was given', async () => {
    const links = await guest.run('ip -brief link; ip -brief address; ip route')
    expect(links.stdout).toMatch(new RegExp(`^${LINK_NAME} .*${LINK_MAC}`, 'm'))
    expect(links.stdout).toContain(LINK_ADDRESS)
    expect(links.stdout).not.toContain('default')

    const ask = (port: number) =>
      guest.run(`busybox timeout 5 busybox nc ${CONSOLE_ADDRESS} ${port} </dev/null`, { mayFail: true })
    expect((await ask(peer.port)).stdout).toBe('peer 1\n')
    expect((await ask(peer.port)).stdout).toBe('peer 2\n')
    // Nobody listens behind this one; nobody was let through to the other.
    expect((await ask(silentPort)).stdout).toBe('')
    expect((await ask(silentPort === 65_535 ? 1024 : silentPort + 1)).stdout).toBe('')
    expect(peer.asked()).toBe(2)
  })

  it('gets a stick plugged in, again and again, which its kernel reads, writes and loses', async () => {
    const times: number[] = []
    for (const serial of ['LAB-0001', 'LAB-0002', 'LAB-0003']) {
      const before = hostNow()
      const stick = await guest.plugStick({ serial })
      expect(stick.pluggedAt).toBeGreaterThan(before)
      expect(stick.pluggedAt).toBeLessThanOrEqual(hostNow())
      await guest.run('until [ -b /dev/sda ]; do sleep 0.02; done')
      times.push(Math.round(hostNow() - stick.pluggedAt))
      const seen = await guest.run('cat /sys/block/sda/removable /sys/bus/usb/devices/*/serial')
      expect(seen.stdout.split('\n')).toEqual(expect.arrayContaining(['1', serial]))
      await guest.run(
        'mkdir -p /mnt/stick && mount /dev/sda /mnt/stick && echo hello >/mnt/stick/file && umount /mnt/stick',
      )
      await guest.unplug(stick)
      await guest.run('while [ -e /dev/sda ]; do sleep 0.02; done')
      expect(await readFile(stick.image, 'latin1')).toContain('hello')
    }
    console.log(`lab: from plug to /dev/sda, with the kernel's own second of waiting: ${times.join(', ')} ms`)
  })

  it('gets a phone, a network adapter and a keyboard plugged in', async () => {
    const phone = await guest.plugPhone({ serial: 'PHONE-1' })
    const adapter = await guest.plugNetworkAdapter({ mac: '02:00:00:00:00:07' })
    const keyboard = await guest.plugDevice('usb-kbd')
    const interfaces = 'cat /sys/bus/usb/devices/*:*/bInterfaceClass | sort | tr "\\n" " "'
    const all = `until [ "$(${interfaces})" = '02 03 06 09 09 0a ' ]; do sleep 0.05; done`
    await guest.run(all, { timeoutMs: 10_000 })
    await guest.run('until grep -q 02:00:00:00:00:07 /sys/class/net/*/address; do sleep 0.05; done')
    for (const each of [phone, adapter, keyboard]) await guest.unplug(each)
    await guest.run(`until [ "$(${interfaces})" = '09 09 ' ]; do sleep 0.05; done`, { timeoutMs: 10_000 })
  })

  it('keeps what was synced when its plug is pulled, loses what was not, and boots again', async () => {
    const bootId = await guest.run('cat /proc/sys/kernel/random/boot_id')
    const stick = await guest.plugStick({ serial: 'STAYS-IN' })
    // The file system would write the unsynced file's name by itself, but not before five seconds are over.
    await guest.run(
      `cd /var/lib/shoukou
      echo kept >synced && sync synced . && echo lost >unsynced && echo also >/run/in-memory`,
    )
    const resetMs = await guest.reset()
    console.log(`lab: up again ${resetMs} ms after the reset`)

    expect((await guest.run('cat /proc/sys/kernel/random/boot_id')).stdout).not.toBe(bootId.stdout)
    const state = await guest.run('cd /var/lib/shoukou; cat synced; ls unsynced /run/in-memory', {
      mayFail: true,
    })
    expect(state.stdout).toBe('kept\n')
    expect((await guest.run('cat /sys/bus/usb/devices/*/serial')).stdout).toContain('STAYS-IN')
    await guest.unplug(stick)
  })
})

it('says what the guest said when it does not boot', async () => {
  await expect(bootGuest({ qemu: ['-device', 'no-such-device'], say: () => undefined })).rejects.toThrow(
    'no-such-device',
  )
})

/** A listener on the host's loopback that answers each connection with its number. */
async function startPeer() {
  let asked = 0
  const server = createServer((socket: Socket) => {
    asked += 1
    socket.end(`peer ${asked}\n`)
  })
  const port = await listen(server)
  return {
    port,
    asked: () => asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
      }),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      assert(typeof address === 'object' && address !== null)
      resolve(address.port)
    })
  })
}
