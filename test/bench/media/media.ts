/**
 * No unregistered medium is readable, and what is allowed works soon: this agent, USBGuard and no control at all, in one
 * guest boot, judged by the outside watcher. The arms alternate in short pairs, the order turned in every other one.
 */
import { loadavg } from 'node:os'
import { startWatcher } from '../../lab/outside-watcher.ts'
import type { Bench } from '../bench.ts'
import type { Arm } from './arm.ts'
import { controlArm } from './control-arm.ts'
import { ourArm, startOurComputer } from './our-arm.ts'
import { floodAndPlug } from './overflow.ts'
import { ALLOWED, CONTROL, createPlugs, type Kind, REFUSED, type Sample } from './plugs.ts'
import { describeKinds, exposureOf, ratiosOf } from './summary.ts'
import { usbguardArm } from './usbguard-arm.ts'

const quickPairs = 7
const pairsMin = 15
/** Of each kind in a pair, in a full run. */
const rounds = 2
const plugsMin = 200
const controlExposedMin = 0.9
/** Of each kind without control, before and after the pairs. */
const controlRounds = { quick: 2, full: 5 } as const
const warmUps = ['allowed keyboard', 'refused keyboard', 'allowed bulk-only stick'] as const

export const media: Bench = async ({ isQuick, n, say }) => {
  await using lab = await startOurComputer(say)
  const { guest } = lab
  await using watcher = await startWatcher(guest)
  const plugs = createPlugs(guest, watcher)
  const ours = ourArm(lab)
  const theirs = usbguardArm(guest)
  const control = controlArm(guest)
  const plan = planOf(isQuick, n)
  say(`media: ${plan.length} pairs; load average ${load()}`)

  const withoutControl = async (): Promise<Sample[]> => {
    await control.start()
    const samples: Sample[] = []
    for (let round = 0; round < controlRounds[isQuick ? 'quick' : 'full']; round += 1)
      for (const kind of CONTROL) samples.push(await plugs.plug(control, kind, -1))
    await control.stop()
    return samples
  }
  const exposed = await withoutControl()

  const samples: Sample[] = []
  let running: Arm | null = null
  const turnTo = async (arm: Arm): Promise<void> => {
    if (running === arm) return
    await running?.stop()
    await arm.start()
    running = arm
    for (const kind of warmUps) samples.push({ ...(await plugs.plug(arm, kind, -1)), isWarmUp: true })
  }
  for (const [pair, kinds] of plan.entries()) {
    for (const arm of pair % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
      await turnTo(arm)
      for (const kind of kinds) samples.push(await plugs.plug(arm, kind, pair))
    }
    if ((pair + 1) % 10 === 0) say(`media: ${pair + 1} of ${plan.length} pairs; load average ${load()}`)
  }

  const flooded: Record<string, Awaited<ReturnType<typeof floodAndPlug>>> = {}
  for (const arm of [theirs, ours]) {
    await turnTo(arm)
    const told = await floodAndPlug(guest, watcher, arm)
    flooded[arm.name] = told
    say(
      `after ${told.events} kernel events with ${arm.name} frozen: ${told.bound} of ${told.plugs} allowed keyboards ` +
        `work, ${told.recorded} recorded, within ${Math.round(told.ms)} ms of waking`,
    )
  }
  await ours.stop()
  exposed.push(...(await withoutControl()))

  for (const line of describeKinds([...samples, ...exposed])) say(line)
  say(`load average ${load()}`)
  const controlSticks = exposed.filter(({ kind }) => kind !== 'keyboard')
  const controlExposed = controlSticks.filter(({ bytes }) => bytes > 0).length / controlSticks.length
  if (controlExposed < controlExposedMin) {
    throw new Error(`the watcher read ${Math.round(controlExposed * 100)} % of the sticks without control`)
  }
  const timed = samples.filter(({ isWarmUp }) => !isWarmUp)
  const oursFlood = flooded[ours.name]
  const mine = samples.filter(({ arm }) => arm === ours.name)
  const recorded = mine.filter((one) => one.isRecorded).length + (oursFlood?.recorded ?? 0)
  const failed = timed.filter((one) => one.decideMs === undefined || one.usableMs === undefined)
  for (const one of failed) say(`not within its time: ${one.arm}, ${one.kind}, pair ${one.pair}`)
  return {
    ...ratiosOf(timed, ours.name, theirs.name),
    ...exposureOf(mine),
    recorded: recorded / (mine.length + (oursFlood?.plugs ?? 0)),
    control_exposed: controlExposed,
    n: timed.filter(({ arm }) => arm === ours.name).length,
  }
}

/** Which kinds each pair plugs. In a quick run the refused ones take turns. */
function planOf(isQuick: boolean, n: number | null): readonly (readonly Kind[])[] {
  if (isQuick && n === null)
    return Array.from({ length: quickPairs }, (_, pair) => [
      ...ALLOWED,
      REFUSED[pair % REFUSED.length] ?? REFUSED[0],
    ])
  const each = Array.from({ length: rounds }, () => [...ALLOWED, ...REFUSED]).flat()
  const pairs = Math.max(pairsMin, Math.ceil((n ?? plugsMin) / each.length))
  return Array.from({ length: pairs }, () => each)
}

function load(): string {
  return loadavg()
    .map((each) => each.toFixed(2))
    .join(' ')
}
