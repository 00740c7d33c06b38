/** The file trail of real sticks: written before anybody watched, named as hostile as a kernel allows, pulled in a storm. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bytesOfRawText,
  type EvidenceOf,
  type FactNamed,
  rawTextKey,
  rawTextOf,
  showRawText,
} from '@shoukou/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ViolationDetail } from '../../console/api/contract.ts'
import { GUEST_NODE } from './boot-guest.ts'
import { ext4Names, type HostileName, vfatNames } from './hostile-names.ts'
import type { LabComputer, StoredRecord } from './lab-computer.ts'
import type { LabPage } from './lab-page.ts'
import { useComputer } from './shared-computers.ts'
import type { Plugged } from './usb-ports.ts'

/** As many files as the folder took in the first trail that was lost. */
const EARLY_FILES = 255
/** Enough for the agent's 8 MB queue, which the kernel doubles, to overflow; more are made until it did. */
const STORM_UEVENTS = 12_000
/** A second on a real processor; an emulated one on a busy machine takes more, and taking the whole queue first took 14 s. */
const WAKING_MS_MAX = 5_000
/** Long names are cut on the page at this many characters, until somebody asks for the rest. */
const SHOWN_CHARACTERS_MAX = 200

describe('sticks on a classified computer', () => {
  const computer = useComputer('observed')
  let lab: LabComputer
  let tab: LabPage
  /** What the page complained of before. */
  let complaints: number

  beforeAll(async () => {
    ;({ lab, tab } = computer())
    complaints = tab.complaints().length
    await writeFile(join(lab.guest.share, 'live-through.mjs'), LIVE_THROUGH)
  })

  /** What comes next finds no disk of what was there before. */
  const pullOut = async (stick: Plugged): Promise<void> => {
    const disks = "ls /sys/block | grep -c '^sd' || true"
    const before = Number((await lab.guest.run(disks)).stdout)
    await lab.guest.unplug(stick)
    await lab.waitUntil(
      'its disk to be gone',
      async () => Number((await lab.guest.run(disks)).stdout) < before,
    )
  }
  const activity = async (root: string): Promise<FactNamed<'file.activity'>[]> =>
    (await lab.records()).flatMap(({ record: { fact } }) =>
      fact.kind === 'file.activity' && fact.root === root ? [fact] : [],
    )

  it('tells every file that was written before the agent looked at the mount, once', async () => {
    const stick = await lab.guest.plugStick({ serial: 'EARLY' })
    await lab.guest.run(
      `until [ -b /dev/sda ]; do sleep 0.05; done
      kill -STOP "$(cat /run/agent.pid)"
      mkdir -p /mnt/early && mount /dev/sda /mnt/early && mkdir /mnt/early/many && cd /mnt/early/many
      seq ${EARLY_FILES} | while read -r name; do echo x >file$name; done
      kill -CONT "$(cat /run/agent.pid)"`,
    )
    const told = async () => (await activity('/mnt/early')).filter(({ operation }) => operation === 'created')
    await lab.waitUntil('all early files', async () => (await told()).length > EARLY_FILES)
    await lab.guest.run(
      'until echo x >/mnt/early/after && cd / && umount /mnt/early 2>/dev/null; do sleep 0.1; done',
    )
    await lab.waitUntil('the file written after', async () =>
      (await told()).some(({ path }) => path === 'after'),
    )
    const names = Array.from({ length: EARLY_FILES }, (_, at) => `many/file${at + 1}`)
    const created = await told()
    expect(created.map(({ path }) => showRawText(path)).toSorted()).toEqual(
      ['after', 'many', ...names].toSorted(),
    )
    expect(created.at(-1)).toMatchObject({ path: 'after', source: 'event', isOnMedium: true })
    expect(created.slice(0, -1).every(({ source }) => source === 'rescan')).toBe(true)
    await pullOut(stick)
  })

  it('watches a mount at once: what is written a moment later is told as it happens', async () => {
    const stick = await lab.guest.plugStick({ serial: 'AT-ONCE' })
    const { stdout } = await lab.guest.run(
      `until [ -b /dev/sda ]; do sleep 0.05; done
      mkdir -p /mnt/now && mount /dev/sda /mnt/now && read -r up rest </proc/uptime && echo "$up"
      count=0; while [ $count -lt 20 ]; do count=$((count + 1)); echo x >/mnt/now/f$count; sleep 0.1; done`,
    )
    const created = async () =>
      (await lab.records()).filter(
        ({ record: { fact } }) =>
          fact.kind === 'file.activity' && fact.root === '/mnt/now' && fact.operation === 'created',
      )
    await lab.waitUntil('all files', async () => (await created()).length >= 20)
    await lab.guest.run('umount /mnt/now')
    await pullOut(stick)
    const told = await created()
    expect(told.length).toBe(20)
    const first = told.findIndex(({ raw }) => raw.includes('"source":"event"'))
    expect(first).toBeGreaterThanOrEqual(0)
    const afterMs = Math.round((told[first]?.record.bootMs ?? 0) - Number.parseFloat(stdout) * 1_000)
    console.log(`lab: from mount to the first event ${afterMs} ms, ${first} files found before by looking`)
  })

  it('tells what files are named, byte for byte, in order, each once, whatever the name', async () => {
    const vfat = await lab.guest.plugStick({ serial: 'NAMES-VFAT' })
    await lab.guest.run('until [ -b /dev/sda ]; do sleep 0.05; done')
    const ext4 = await lab.guest.plugStick({ serial: 'NAMES-EXT4' })
    await lab.guest.run(
      `until [ -b /dev/sdb ]; do sleep 0.05; done
      mkfs.ext4 -q -F /dev/sdb && mkdir -p /mnt/vfat /mnt/ext4
      mount -o utf8 /dev/sda /mnt/vfat && mount /dev/sdb /mnt/ext4`,
    )
    await waitUntilWatched('/mnt/vfat')
    await waitUntilWatched('/mnt/ext4')
    for (const [root, names] of [
      ['/mnt/vfat', vfatNames],
      ['/mnt/ext4', ext4Names],
    ] as const) {
      const before = (await activity(root)).length
      await lab.guest.run(`${GUEST_NODE} /host/live-through.mjs ${root}`, {
        input: JSON.stringify(
          names.map(({ first, second }) => [first.toString('hex'), second.toString('hex')]),
        ),
      })
      const whole = before + names.length * LIFE.length
      await lab.waitUntil(`what became of the files on ${root}`, async () => {
        return (await activity(root)).length >= whole
      })
      const facts = (await activity(root)).slice(before)
      const expected = names.flatMap(lifeOf)
      expect(facts.map(wordsOf)).toEqual(expected.map(wordsOf))
      for (const [at, fact] of facts.entries()) {
        expect(Buffer.from(bytesOfRawText(fact.path)).equals(expected[at]?.bytes ?? Buffer.of())).toBe(true)
        expect(fact.source).toBe('event')
      }
    }
    await expectOnPage(ext4Names)
    await lab.guest.run('umount /mnt/vfat /mnt/ext4')
    for (const each of [vfat, ext4]) await pullOut(each)
    expect(tab.complaints().slice(complaints)).toEqual([])
  })

  it('wakes after a storm of kernel events to three sticks, says that it lost some, and accuses nobody of a gap', async () => {
    const violationsBefore = (await lab.violations()).length
    const recordsBefore = (await lab.records()).length
    // udev would spend minutes of this processor on the storm.
    await lab.guest.run(
      `pkill -STOP -x systemd-udevd; kill -STOP "$(cat /run/agent.pid)"
      made=0
      until [ $made -ge ${STORM_UEVENTS} ] && busybox awk '$2 == 15 && $9 > 0 { lost = 1 } END { exit !lost }' /proc/net/netlink
      do
        batch=0
        while [ $batch -lt 1000 ]; do echo change >/sys/class/mem/null/uevent; batch=$((batch + 1)); done
        made=$((made + 1000))
        [ $made -lt 60000 ] || exit 9
      done
      echo "lab: $made kernel events made" >/dev/ttyS0`,
      { timeoutMs: 50_000 },
    )
    const serials = ['STORM-1', 'STORM-2', 'STORM-3']
    for (const serial of serials) await lab.guest.plugStick({ serial })
    const woken = await lab.guest.run(
      `until [ "$(cat /sys/bus/usb/devices/*/serial | grep -c STORM)" = 3 ]; do sleep 0.05; done
      read -r up rest </proc/uptime; kill -CONT "$(cat /run/agent.pid)"; echo "$up"`,
    )
    const wokenMs = Number.parseFloat(woken.stdout) * 1_000
    const fresh = async () => (await lab.records()).slice(recordsBefore)
    const attached = async () =>
      serials.map((serial) =>
        findRecord(fresh(), ({ kind, raw }) => kind === 'usb.attached' && raw.includes(serial)),
      )
    await lab.waitUntil('all three sticks', async () =>
      (await Promise.all(await attached())).every((one) => one !== undefined),
    )
    await lab.waitUntil('the overflow to be told by the USB sensor', async () =>
      (await fresh()).some(
        ({ record: { fact } }) => fact.kind === 'sensor.overflow' && fact.sensor === 'usb',
      ),
    )
    const afterMs = (await Promise.all(await attached())).map((one) =>
      Math.round((one?.record.bootMs ?? Number.NaN) - wokenMs),
    )
    const overflows = (await fresh()).flatMap(({ record: { fact } }) =>
      fact.kind === 'sensor.overflow' ? [`${fact.sensor}: ${fact.changesFound} in ${fact.rescanMs} ms`] : [],
    )
    console.log(`lab: ${afterMs.join(', ')} ms after waking; overflows ${overflows.join('; ')}`)
    for (const ms of afterMs) expect(ms).toBeLessThan(WAKING_MS_MAX)

    await lab.waitUntil('the agent to be heard', async () => (await lab.computer()).status === 'online')
    await lab.waitUntil(
      'three violations, and that it was held still',
      async () => (await lab.violations()).length >= violationsBefore + 4,
    )
    const accused = (await lab.violations()).slice(violationsBefore)
    const details = await Promise.all(
      accused.map(({ id }) => lab.admin.get<ViolationDetail>(`/api/violations/${id}`)),
    )
    expect(
      details.map(({ violation: { type }, evidence }) => `${type} ${accusedOf(evidence)}`).toSorted(),
      JSON.stringify((await fresh()).filter(({ kind }) => /^(usb|block)/.test(kind)).map(({ raw }) => raw)),
    ).toEqual([
      'agent-tamper paused',
      ...serials.map((serial) => `unregistered-media-inserted ${serial} snapshot`),
    ])
    expect(await lab.gaps()).toEqual([])
    const all = await lab.records()
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1))
  })

  /** Writes marks until one is told as it happens, and waits until they are told gone. */
  async function waitUntilWatched(root: string): Promise<void> {
    await lab.waitUntil(`${root} to be watched`, async () => {
      await lab.guest.run(`mkdir ${root}/mark && rmdir ${root}/mark`)
      return (await activity(root)).some(({ path, source }) => path === 'mark' && source === 'event')
    })
    const marks = async () => (await activity(root)).filter(({ path }) => path === 'mark')
    await lab.waitUntil('the marks to be gone', async () => (await marks()).at(-1)?.operation === 'deleted')
  }

  async function expectOnPage(names: readonly HostileName[]): Promise<void> {
    const { page } = tab
    await page.goto(`${lab.console.address}/computers/${(await lab.computer()).agent}/timeline`)
    const records = page.getByTestId('records')
    await records.getByTestId('raw-text').first().waitFor()
    const shown = await records.getByTestId('raw-text').allTextContents()
    for (const { second } of names) expect(shown).toContain(cut(showRawText(rawTextOf(second))))
    expect(await records.locator('script, img').count()).toBe(0)
    await page.goBack()
  }
})

const LIFE = ['created', 'modified', 'renamed', 'deleted'] as const

interface Happened {
  readonly operation: (typeof LIFE)[number]
  readonly bytes: Buffer
  readonly from: Buffer | null
}

function lifeOf({ first, second }: HostileName): Happened[] {
  return LIFE.map((operation, at) => ({
    operation,
    bytes: at < 2 ? first : second,
    from: operation === 'renamed' ? first : null,
  }))
}

function wordsOf(one: FactNamed<'file.activity'> | Happened): string {
  if ('bytes' in one) {
    return `${one.operation} ${rawTextKey(rawTextOf(one.bytes))} ${one.from === null ? '' : rawTextKey(rawTextOf(one.from))}`
  }
  const from = one.renamedFrom === null ? '' : rawTextKey(one.renamedFrom)
  return `${one.operation} ${rawTextKey(one.path)} ${from}`
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text
}

function accusedOf(evidence: unknown): string {
  if (typeof evidence === 'object' && evidence !== null && 'what' in evidence) return String(evidence.what)
  const { device, sighting } = evidence as EvidenceOf<'unregistered-media-inserted'>
  return `${showRawText(device?.serial ?? '(none)')} ${sighting}`
}

async function findRecord(
  records: Promise<readonly StoredRecord[]>,
  isIt: (record: StoredRecord) => boolean,
): Promise<StoredRecord | undefined> {
  return (await records).find(isIt)
}

/** Runs in the guest, under the agent's own Node: a shell can't carry such names. */
const LIVE_THROUGH = `
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
const folder = process.argv[2] + '/'
const at = (hex) => Buffer.concat([Buffer.from(folder), Buffer.from(hex, 'hex')])
for (const [first, second] of JSON.parse(readFileSync(0, 'utf8'))) {
  writeFileSync(at(first), 'x')
  renameSync(at(first), at(second))
  rmSync(at(second))
}
`
