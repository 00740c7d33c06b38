/**
 * What a medium may be used for: the register, seals on the media themselves, levels, temporary grants. A computer of
 * level 机密 that is also a registration station; one boot.
 */
import { createHash } from 'node:crypto'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FactNamed, Level } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  GrantAnswer,
  MediumAnswer,
  NewMedium,
  SeenMediaAnswer,
  SeenMedium,
  SpokenCodeAnswer,
} from '../../console/api/contract-media.ts'
import { AGENT } from './lab-computer.ts'
import { type MediaLab, startMediaLab, unplugAndWait } from './media-lab.ts'
import { CONSOLE_ADDRESS } from './qemu-arguments.ts'
import type { Plugged, PluggedMedium } from './usb-ports.ts'

const MINUTE_MS = 60_000
/** A second computer of the unit, on the same guest: it met the console once, before the media were registered. */
const OTHER_STATE = '/var/lib/shoukou/other'

describe('a medium and what it may be used for', () => {
  const parts = new AsyncDisposableStack()
  let media: MediaLab
  let agent: string
  const sh = async (script: string, timeoutMs = 60_000) =>
    (await media.lab.guest.run(script, { timeoutMs })).stdout

  beforeAll(async () => {
    media = parts.use(
      await startMediaLab({ settings: { level: 'secret', roles: ['station'], registeredMedia: [] } }),
    )
    const { port } = media.lab.console.running
    const token = await media.lab.console.token({
      settings: (
        await media.lab.admin.get<{ policy: { settings: never } }>(
          `/api/computers/${(await media.lab.computer()).agent}/policy`,
        )
      ).policy.settings,
    })
    await sh(
      `${AGENT} enroll --console https://${CONSOLE_ADDRESS}:${port} --token ${token} --state ${OTHER_STATE}`,
      90_000,
    )
    agent = (await media.lab.computer()).agent
    await media.enforce()
  })
  afterAll(() => parts.disposeAsync())

  const seen = async (serial: string): Promise<SeenMedium> => {
    const find = async () => {
      const { media: all } = await media.lab.admin.get<SeenMediaAnswer>(`/api/computers/${agent}/media`)
      return all.find((one) => one.isPresent && JSON.stringify(one.passport).includes(serial))
    }
    await media.lab.waitUntil(
      `${serial} to be seen by the console`,
      async () => ((await find())?.record ?? null) !== null,
    )
    const one = await find()
    if (one === undefined) throw new Error(`${serial} is gone`)
    return one
  }
  async function register(
    serial: string,
    level: Level,
    change: Partial<NewMedium> = {},
  ): Promise<MediumAnswer> {
    const { record } = await seen(serial)
    return await media.lab.admin.send<MediumAnswer>('POST', '/api/media', {
      level,
      kind: 'usb-stick',
      custodian: 'lab',
      department: 'lab',
      computers: null,
      users: null,
      right: 'read-write',
      validFromMs: 0,
      validUntilMs: null,
      note: '',
      reason: 'lab',
      from: record === null ? null : { agent, ...record },
      ...change,
    })
  }
  const examined = async (serial: string) =>
    (await media.find('media.examined', serial)).at(-1)?.record.fact as FactNamed<'media.examined'>
  const disk = async () => (await sh("ls /sys/block | grep '^sd' | head -n 1")).trim()
  /** The loop device through which a medium is read that may only be read. */
  const view = async () =>
    (
      await sh(
        `for each in /sys/block/loop*/loop/backing_file; do case "$(cat $each)" in /dev/*) echo $each; esac; done`,
      )
    ).split('/')[3] ?? ''
  const writes = async (node: string) => {
    const { stdout } = await media.lab.guest.run(
      `/watcher try-to-write /dev/${node} /dev/$(ls /sys/class/scsi_generic | head -n 1)`,
    )
    return stdout.trim().split('\n')
  }
  const plugShut = async (serial: string, plug: () => Promise<Plugged>): Promise<void> => {
    await media.shut({
      act: plug,
      violations: ['unregistered-media-inserted'],
      mark: serial,
      record: 'media.examined',
    })
  }

  let sealed: PluggedMedium

  it('opens a stick that was refused the moment it is registered at the console', async () => {
    await plugShut('JM-ONE', async () => (sealed = await media.lab.guest.plugStick({ serial: 'JM-ONE' })))
    await media.readable(() => register('JM-ONE', 'secret'))
    expect(await writes(await disk())).toContain('write written')
    expect(await examined('JM-ONE')).toMatchObject({
      right: 'read-write',
      identity: { result: 'match', level: 'secret' },
    })
  })

  it('writes the seal of a registered medium onto it, where a file system is not disturbed', async () => {
    const { instance, number } = await seen('JM-ONE')
    await media.lab.admin.send('POST', `/api/media/${number}/seal`, { agent, instance })
    await media.lab.waitUntil(
      'the seal to be written',
      async () => (await media.find('media.sealed', '"written"')).length > 0,
    )
    await unplugAndWait(media, sealed, 'JM-ONE')
    const plugged = await media.lab.guest.plugStick({ serial: 'JM-ONE', image: sealed.image })
    await media.lab.waitUntil(
      'its seal to be read',
      async () => (await examined('JM-ONE')).seal.state === 'valid',
    )
    expect(await examined('JM-ONE')).toMatchObject({ right: 'read-write', identity: { source: 'seal' } })
    await sh(`mkdir -p /mnt/one; until mount /dev/$(ls /sys/block | grep '^sd') /mnt/one 2>/dev/null; do sleep 0.2; done
      echo kept >/mnt/one/file; umount /mnt/one; dosfsck -n /dev/$(ls /sys/block | grep '^sd')`)
    await unplugAndWait(media, plugged, 'JM-ONE')
  })

  it('takes a seal at its word on a computer that has not met the console since, and no copy of it', async () => {
    await media.lab.killAgent()
    await media.lab.console.stop()
    const copy = join(media.lab.guest.share, 'copy.img')
    await copyFile(sealed.image, copy)
    const start = `setsid ${AGENT} run --state ${OTHER_STATE} </dev/null >>/var/lib/shoukou/other.log 2>&1 & echo $! >/run/agent.pid
      until grep -a -r -q '"kind":"control.state"' ${OTHER_STATE}/journal; do sleep 0.2; done; sleep 3`
    await sh(start, 60_000)
    let plugged: Plugged | undefined
    await media.watcher.open()
    plugged = await media.lab.guest.plugStick({ serial: 'JM-ONE', image: sealed.image })
    const read = await media.watcher.next((one) => one.e === 'read' && one.block === 1, 40_000)
    await media.watcher.close()
    expect(read, await sh('tail -n 5 /var/lib/shoukou/other.log')).not.toBeNull()
    await sh('udevadm settle --timeout=10')
    await media.lab.guest.unplug(plugged)

    await media.watcher.open()
    plugged = await media.lab.guest.plugStick({ serial: 'JM-COPY', image: copy })
    await sh(
      `until grep -a -r -h JM-COPY ${OTHER_STATE}/journal | grep -a -q media.examined; do sleep 0.2; done; sleep 2`,
      60_000,
    )
    const report = await media.watcher.close()
    expect(report.bytesRead, JSON.stringify(report.seen)).toBe(0)
    const told = await sh(`grep -a -r -h JM-COPY ${OTHER_STATE}/journal | grep -a media.examined`)
    expect(told).toContain('other-passport')
    await media.lab.guest.unplug(plugged)
    await sh('kill -KILL "$(cat /run/agent.pid)"; sleep 0.5')
    await media.lab.console.restart()
    await media.enforce()
  })

  describe('of a lower level', () => {
    let plugged: PluggedMedium
    let before: string
    const bytes = async () =>
      createHash('sha256')
        .update(await readFile(plugged.image))
        .digest('hex')
    afterAll(() => unplugAndWait(media, plugged, 'JM-LOW'))

    it('is opened for reading alone: no file, no block of it can be written', async () => {
      await plugShut('JM-LOW', async () => (plugged = await media.lab.guest.plugStick({ serial: 'JM-LOW' })))
      await media.readable(() => register('JM-LOW', 'confidential'))
      expect((await examined('JM-LOW')).right).toBe('read-only')
      before = await bytes()
      const [shown, below] = [await view(), await disk()]
      const { stdout } = await media.lab.guest.run(
        `mkdir -p /mnt/low; mount -o ro /dev/${shown} /mnt/low && echo mounted
        mount -o remount,rw /mnt/low 2>/dev/null && echo x >/mnt/low/x 2>/dev/null && echo WRITTEN
        umount /mnt/low
        for node in ${shown} ${below}; do
          blockdev --setrw /dev/$node 2>/dev/null
          mount /dev/$node /mnt/low 2>/dev/null && { echo x >/mnt/low/x && echo WRITTEN; umount /mnt/low; }
          dd if=/dev/zero of=/dev/$node bs=512 count=1 conv=notrunc 2>/dev/null && echo WRITTEN
        done; true`,
        { mayFail: true },
      )
      expect(stdout.trim().split('\n')).toEqual(['mounted'])
      expect(await bytes()).toBe(before)
    })

    it('stays as it is under a view that root calls writable', async () => {
      const shown = await view()
      await media.lab.guest.run(
        `mount -o ro /dev/${shown} /mnt/low; blockdev --setrw /dev/${shown}; mount -o remount,rw /mnt/low
        echo x >/mnt/low/x; sync; umount /mnt/low; dd if=/dev/zero of=/dev/${shown} bs=512 count=1 conv=notrunc,fsync`,
        { mayFail: true },
      )
      expect(await bytes()).toBe(before)
    })

    it('is not written by SCSI pass-through either, over whatever node', async () => {
      const overView = await writes(await view())
      expect(overView.length).toBeGreaterThan(1)
      expect(overView.filter((each) => each.endsWith('written'))).toEqual([])
      // The disk itself, which takes such commands, nobody may open at all.
      expect(await writes(await disk())).toEqual(['read EPERM'])
      expect(await bytes()).toBe(before)
    })
  })

  it('knows a formatted medium again, and says what is no longer the same', async () => {
    const image = join(media.lab.guest.share, 'formatted.img')
    await copyFile(sealed.image, image)
    await sh('mkfs.vfat -n OTHER -i 99999999 /host/formatted.img >/dev/null')
    const plugged = await media.lab.guest.plugStick({ serial: 'JM-ONE', image })
    await media.lab.waitUntil(
      'it to be examined',
      async () => (await examined('JM-ONE'))?.identity.result === 'degraded',
    )
    expect((await examined('JM-ONE')).identity.reasons.some(({ state }) => state === 'differs')).toBe(true)
    await unplugAndWait(media, plugged, 'JM-ONE')
  })

  it('refuses a medium that was reported missing, whatever its seal says', async () => {
    const answer = await media.lab.admin.get<{ media: { number: string; version: number }[] }>(
      '/api/media?limit=50',
    )
    const [medium] = answer.media.filter((one) => JSON.stringify(one).includes('JM-ONE'))
    if (medium === undefined) throw new Error('the register does not know JM-ONE')
    await media.lab.admin.send('POST', `/api/media/${medium.number}/state`, {
      baseVersion: medium.version,
      state: 'missing',
      reason: 'lab',
    })
    await media.lab.waitUntil('the policy to travel', async () => {
      const { policyVersion } = await media.lab.computer()
      return (await media.find('policy.applied', `"version":${policyVersion}`)).length > 0
    })
    // That it is missing is a violation by itself, of the register's.
    await media.lab.waitUntil('the register to say so', async () =>
      (await media.lab.violations()).some(({ type }) => type === 'media-missing'),
    )
    let plugged: Plugged | undefined
    await media.shut({
      act: async () => (plugged = await media.lab.guest.plugStick({ serial: 'JM-ONE', image: sealed.image })),
      violations: ['media-status-invalid'],
      mark: medium.number,
      record: 'media.examined',
    })
    if (plugged !== undefined) await unplugAndWait(media, plugged, 'JM-ONE')
  })

  it('opens a stranger for as long as the console grants, and not a moment longer', async () => {
    let plugged: Plugged | undefined
    await plugShut('GUEST-1', async () => (plugged = await media.lab.guest.plugStick({ serial: 'GUEST-1' })))
    const { instance } = await seen('GUEST-1')
    await media.readable(async () => {
      const { isSent } = await media.lab.admin.send<GrantAnswer>('POST', `/api/computers/${agent}/grants`, {
        instance,
        right: 'read-only',
        minutes: 30,
        reason: 'lab',
      })
      expect(isSent).toBe(true)
    })
    await media.lab.admin.send('POST', `/api/computers/${agent}/grants/end`, { instance, reason: 'lab' })
    await media.lab.waitUntil(
      'the grant to be ended',
      async () => (await media.find('grant.changed', '"ended"')).length > 0,
    )
    await media.watcher.next(() => false, 1_000)
    const report = await media.tryFor(3_000)
    expect(report.bytesRead, JSON.stringify(report.seen)).toBe(0)
    if (plugged !== undefined) await unplugAndWait(media, plugged, 'GUEST-1')
    // The number of the view that went is anybody's again.
    await sh(`truncate -s 8M /var/lib/own.img; mkfs.ext4 -q -F /var/lib/own.img
      mkdir -p /mnt/own; mount -o loop /var/lib/own.img /mnt/own; umount /mnt/own`)
  })

  it('opens a stranger by a code that is read out, once, and shuts it when the minutes are over', async () => {
    let plugged: Plugged | undefined
    await plugShut('GUEST-2', async () => (plugged = await media.lab.guest.plugStick({ serial: 'GUEST-2' })))
    const notice = async () =>
      JSON.parse(await sh('cat /run/shoukou/notice.json')) as {
        media: { challenge: string | null; name: string }[]
      }
    await media.lab.waitUntil('a challenge', async () =>
      (await notice()).media.some(({ challenge }) => challenge !== null),
    )
    const challenge = (await notice()).media.find((one) => one.challenge !== null)?.challenge ?? ''
    const { code } = await media.lab.admin.send<SpokenCodeAnswer>(
      'POST',
      `/api/computers/${agent}/spoken-code`,
      {
        challenge,
        right: 'read-only',
        minutes: 1,
        reason: 'lab',
      },
    )
    await media.readable(() => sh(`echo '${code}' >/run/shoukou/codes/first`))
    const openedAt = performance.now()
    await media.lab.waitUntil(
      'the end of the minute',
      async () => (await media.find('grant.changed', '"ended"')).length > 1,
      3 * MINUTE_MS,
    )
    expect(performance.now() - openedAt).toBeGreaterThan(MINUTE_MS / 2)
    await media.watcher.next(() => false, 1_000)
    expect((await media.tryFor(3_000)).bytesRead).toBe(0)
    await sh(`echo '${code}' >/run/shoukou/codes/again; sleep 2`)
    expect((await media.tryFor(2_000)).bytesRead).toBe(0)
    if (plugged !== undefined) await unplugAndWait(media, plugged, 'GUEST-2')
  })

  it('takes another card in a reader for another medium: what was granted to the first is not for it', async () => {
    const reader = await media.gadgets.plug({
      vendorId: '0bda',
      productId: '0129',
      serial: 'READER-1',
      functions: [{ kind: 'storage', luns: [{ file: '/cards/one.img' }] }],
    })
    const { instance } = await seen('READER-1')
    await media.readable(() =>
      media.lab.admin.send('POST', `/api/computers/${agent}/grants`, {
        instance,
        right: 'read-only',
        minutes: 30,
        reason: 'lab',
      }),
    )
    const examinedBefore = (await media.find('media.examined', '0129')).length
    await sh(`echo 500 >/sys/block/${await disk()}/events_poll_msecs 2>/dev/null; true`)
    await media.watcher.open()
    await reader.swap('')
    await media.watcher.next(() => false, 3_000)
    await reader.swap('/cards/two.img')
    await media.watcher.close()
    const report = await media.tryFor(8_000)
    expect(report.bytesRead, JSON.stringify(report.seen)).toBe(0)
    expect((await media.find('media.examined', '0129')).length).toBeGreaterThan(examinedBefore)
    await reader.unplug()
  })

  it('has told everything in one chain without a gap', async () => {
    expect(await media.lab.gaps()).toEqual([])
  })
})
