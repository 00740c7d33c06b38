/** What happens to media between people: handed in at the end of the year, lent, carried out, lost and found, retired. */
import type { MediumState } from '@shoukou/protocol'
import type { RunningConsole } from '../../console/main.ts'
import { lastCampaign } from '../../console/rules/custody.ts'
import { DEFAULT_CLOCK_SETTINGS } from '../../console/workflows/clocks/clock-settings.ts'
import { DAY_MS } from './calendar.ts'
import { inParallel } from './in-parallel.ts'
import type { DemoMedium } from './media.ts'
import { createRandom } from './random.ts'

type Parts = Pick<RunningConsole, 'store' | 'workflows'>

export interface Custody {
  readonly console: Parts
  readonly media: readonly DemoMedium[]
  readonly seed: string
  readonly now: () => number
  /** Numbers of media that were lost, by their place in `lost`. */
  readonly missing: Map<number, string>
}

const account = 'secadmin'
/** Of those that no station knows: an office that takes old media over finds many that are to go. */
const retiredShare = 0.62
const changesAYear = 150
/** Media that nobody finds for some days, by how much of the year is over; the last one is still missing at its end. */
const lost = [
  { share: 0.31, backAfterDays: 3 },
  { share: 0.66, backAfterDays: 8 },
  { share: 0.97, backAfterDays: null },
] as const
/** Those that were handed in late, the last of them not at all. */
const lateHandIns = 7

const next = {
  issued: ['lent', 'lent', 'lent', 'carried-out', 'suspended', 'retired'],
  lent: ['issued'],
  'carried-out': ['issued'],
  suspended: ['issued'],
  missing: [],
  retired: ['destroyed'],
  destroyed: [],
} as const satisfies Readonly<Record<MediumState, readonly MediumState[]>>

const reasons: Readonly<Record<MediumState, readonly string[]>> = {
  issued: ['归还入柜', '任务结束，交回责任人'],
  lent: ['课题组借用', '评审会借用', '临时借用，当周归还'],
  'carried-out': ['经批准携带外出参加评审', '经批准携带外出试验'],
  suspended: ['责任人休假，暂停使用', '标签破损，停用待换'],
  missing: ['清点时未找到，已报告'],
  retired: ['容量不足，停用待销毁', '设备老化，停用待销毁'],
  destroyed: ['送指定单位销毁，有销毁清单'],
}

/** What was worn out before there was a console: stopped, and most of it destroyed. */
export async function clearOldMedia({ console, media, seed }: Custody): Promise<void> {
  const random = createRandom(`${seed}/old`)
  const old = media.filter(({ device }) => device === null && random.chance(retiredShare))
  await inParallel(old, 8, async ({ number }) => {
    await setState(console, number, 'retired', '旧介质清理，停用待销毁')
    if (Number(number.slice(-1)) < 8)
      await setState(console, number, 'destroyed', '旧介质清理，送指定单位销毁')
  })
}

/** What changes on one workday. */
export async function changeCustody(
  { console, media, seed, now, missing }: Custody,
  { day, days }: { readonly day: number; readonly days: number },
): Promise<void> {
  const random = createRandom(`${seed}/custody/${day}`)
  const plain = media.filter(({ device }) => device === null)
  if (plain.length === 0) return
  for (const [at, { share, backAfterDays }] of lost.entries()) {
    const lostOn = Math.floor(days * share)
    const from = Math.floor((plain.length * (at + 1)) / (lost.length + 1))
    if (day === lostOn) await loseOne({ console, media: plain.slice(from), missing }, at)
    if (backAfterDays !== null && day === lostOn + backAfterDays && missing.has(at))
      await setState(console, missing.get(at) ?? '', 'issued', '在保密柜夹层中找到，已核对')
  }
  const perDay = (changesAYear * Math.min(1, media.length / 2_000)) / 250
  const count = Math.max(0, Math.round(perDay + random.next() - 0.5))
  for (let at = 0; at < count; at += 1) {
    const row = await console.store.medium(random.pick(plain).number)
    const may = row === null ? [] : next[row.state]
    if (row === null || may.length === 0) continue
    const state = random.pick<(typeof may)[number]>(may)
    const isAway = state === 'lent' || state === 'carried-out'
    const dueBackMs = isAway ? now() + random.int(5, 40) * DAY_MS : null
    await setState(console, row.number, state, random.pick(reasons[state]), dueBackMs)
  }
}

/** Before the day on which classified media are to be in hand each year is over; returns those that come late. Null: not yet. */
export async function handIn(
  { console: { store }, seed, now }: Custody,
  dayEndMs: number,
): Promise<readonly string[] | null> {
  const { zone, handIn: rule } = DEFAULT_CLOCK_SETTINGS
  const due = lastCampaign(dayEndMs, { zone, ...rule }, now())
  if (due === null) return null
  const { year, dueAt } = due
  const open = await store.handIns({ year, registeredBy: dueAt, isHandedIn: false, limit: 20_000 })
  const random = createRandom(`${seed}/hand-in`)
  const late = Math.min(lateHandIns, Math.floor(open.length / 20))
  const [numbers, others] = [open.map(({ number }) => number), new Set<string>()]
  while (others.size < late) others.add(random.pick(numbers))
  const inTime = numbers.filter((number) => !others.has(number))
  await recordHandIns(store, year, inTime, now())
  return [...others]
}

async function recordHandIns(
  store: Parts['store'],
  year: number,
  numbers: readonly string[],
  at: number,
): Promise<void> {
  const note = '年终清点交存'
  await store.addAction({
    ...{ at, account, action: 'media-hand-in', object: `${numbers.length} media` },
    ...{ detail: `${year}`, address: '127.0.0.1' },
  })
  await store.addHandIns(numbers.map((medium) => ({ year, medium, at, account, note })))
}

/** One that is in use is missed: what is stopped is in the office's own safe. */
async function loseOne(
  { console, media, missing }: Pick<Custody, 'console' | 'media' | 'missing'>,
  at: number,
): Promise<void> {
  for (const { number } of media) {
    if ((await console.store.medium(number))?.state !== 'issued') continue
    missing.set(at, number)
    return setState(console, number, 'missing', reasons.missing[0] ?? '')
  }
}

async function setState(
  { store, workflows }: Parts,
  number: string,
  state: MediumState,
  reason: string,
  dueBackMs: number | null = null,
): Promise<void> {
  const row = await store.medium(number)
  if (row === null || row.state === state) return
  await workflows.media.register.setState(
    number,
    { baseVersion: row.version, state, reason, dueBackMs },
    account,
  )
}
