/**
 * The network bench itself, run under `unshare --net`: prints its figures as one line of JSON. Arguments: the generator,
 * the folder on whose disk the journal stands, `quick` or `full`.
 */
import { measureInterfaceChanges } from '../../../agent/sensors/network/testing/interface-change-bench.ts'
import { waitFor } from '../../support/wait-for.ts'
import { quantile } from '../figures.ts'
import { type OurArm, startOurArm } from './our-arm.ts'
import { startPeers } from './peers.ts'
import { APPROVED, DESTINATIONS, FIRST_DESTINATION, PORT, setStage } from './stage.ts'

const PROCESSES = 50
const EACH = 400
const TOTAL = PROCESSES * EACH
const SINK_PORT = 5_001
const PUMP_MS = 700
const plans = { quick: { pairs: 7, flaps: 200 }, full: { pairs: 15, flaps: 1_000 } } as const

const [generator = '', folder = '', plan = 'quick'] = process.argv.slice(2)
const { pairs, flaps } = plans[plan === 'full' ? 'full' : 'quick']
const say = (line: string): void => void process.stderr.write(`${line}\n`)

await using stage = await setStage()
const observed = await observeArm()
const enforced = await enforceArm()
const transfer = await transferArm()
const changes = await measureInterfaceChanges({ flaps, folder })
say(
  `interface changes to the journal: median ${changes.journalMs.median} ms, p99 ${changes.journalMs.p99} ms`,
)
if (changes.missed > 0) throw new Error(`${changes.missed} interface changes were missed`)
process.stdout.write(
  `${JSON.stringify({
    ...observed,
    ...enforced,
    transfer_ratio: transfer,
    interface_median_ms: changes.journalMs.median,
    interface_p99_ms: changes.journalMs.p99,
  })}\n`,
)
// What the sensor's C library calls left open ends with the process.
process.exitCode = 0

/** All of the storm, seen by us and by the others in the same run. */
async function observeArm() {
  const before = await stage.countAtPeer()
  const ours = await startOurArm({ mode: 'observe', cgroup: stage.cgroup, folder })
  const others = await startPeers()
  const cpuBefore = process.cpuUsage()
  const { pids, seconds } = await storm()
  const totals = await settled(ours)
  const seen = await others.stop()
  const cpu = process.cpuUsage(cpuBefore)
  const flows = await flowsOf(ours)
  const reported = flows.reduce((sum, { count }) => sum + count, 0)
  const byPid = new Map<number, number>()
  for (const { pid, path, count } of flows) {
    if (pid !== null && path === generator) byPid.set(pid, (byPid.get(pid) ?? 0) + count)
  }
  const attributed = pids.reduce((sum, pid) => sum + Math.min(EACH, byPid.get(pid) ?? 0), 0)
  const controlOut = (await stage.countAtPeer()) - before
  await ours.stop()
  say(
    `${TOTAL} connects in ${seconds} s (${Math.round(TOTAL / seconds)}/s); ours ${Math.round((cpu.user + cpu.system) / 1_000)} ms of CPU; seen by ss ${seen.ss}, conntrack ${seen.conntrack}, polling ${seen.polling}`,
  )
  if (controlOut !== TOTAL)
    throw new Error(`the peer had ${controlOut} of ${TOTAL}: the storm did not get out`)
  if (totals.prohibited !== TOTAL) say(`the kernel counted ${totals.prohibited} of ${TOTAL}`)
  return {
    counted: totals.prohibited,
    reported,
    declared_gap: totals.lost,
    missed: totals.prohibited - reported - totals.lost,
    attributed: attributed / totals.prohibited,
    polling_seen: seen.polling,
    ss_seen: seen.ss,
    conntrack_seen: seen.conntrack,
    control_out: controlOut,
  }
}

/** The same storm at an enforcing computer: what gets out is counted at the peer. */
async function enforceArm() {
  const ours = await startOurArm({ mode: 'enforce', cgroup: stage.cgroup, folder })
  const before = await stage.countAtPeer()
  const { refused } = await storm()
  await settled(ours)
  const packetsOut = (await stage.countAtPeer()) - before
  await ours.stop()
  say(`enforced: ${refused} of ${TOTAL} refused, ${packetsOut} packets out`)
  return { packets_out: packetsOut, refused }
}

/** An approved transfer with and without us, in alternating pairs: the median of the pairs' ratios. */
async function transferArm(): Promise<number> {
  const sink = stage.atPeer(generator, ['sink', String(SINK_PORT)])
  await new Promise((resolve) => sink.stdout?.once('data', resolve))
  const pump = async (): Promise<number> => {
    const printed = await stage.inCgroup(generator, ['pump', APPROVED, String(SINK_PORT), String(PUMP_MS)])
    const bytes = Number(/^bytes (\d+)$/m.exec(printed)?.[1])
    if (!(bytes > 0)) throw new Error(`the transfer did not go: ${printed}`)
    return bytes
  }
  const withUs = async (): Promise<number> => {
    const ours = await startOurArm({ mode: 'enforce', cgroup: stage.cgroup, folder })
    const bytes = await pump()
    await ours.stop()
    return bytes
  }
  await pump()
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    const isOursFirst = pair % 2 === 1
    const first = isOursFirst ? await withUs() : await pump()
    const second = isOursFirst ? await pump() : await withUs()
    ratios.push(isOursFirst ? first / second : second / first)
  }
  sink.kill('SIGKILL')
  const spread = `${Math.min(...ratios).toFixed(3)}-${Math.max(...ratios).toFixed(3)}`
  say(`approved transfer with the agent to without: ${ratios.length} pairs, ${spread}`)
  return quantile(ratios, 0.5)
}

async function storm() {
  const args = ['storm', PROCESSES, EACH, FIRST_DESTINATION, DESTINATIONS, PORT].map(String)
  const printed = await stage.inCgroup(generator, args)
  const last = /^connects (\d+) refused (\d+) seconds ([\d.]+)$/m.exec(printed)
  if (Number(last?.[1]) !== TOTAL) throw new Error(`the generator ended early: ${printed.slice(-300)}`)
  const pids = [...printed.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid))
  return { pids, refused: Number(last?.[2]), seconds: Number(last?.[3]) }
}

/** Waits until everything that the kernel counted stands in the journal, or is declared lost. */
async function settled(ours: OurArm) {
  const newest = async () =>
    (await ours.journaled('network.counted')).findLast(({ net }) => net === 'socket')?.totals
  await waitFor(
    async () => {
      const totals = await newest()
      return (
        totals !== undefined &&
        totals.prohibited >= TOTAL &&
        totals.reported + totals.lost >= totals.prohibited
      )
    },
    { what: 'the counters to be told', timeoutMs: 60_000, everyMs: 250 },
  ).catch(async (fault: unknown) => {
    // What is missing is the finding: it must not go with the void run.
    say(`the newest counters: ${JSON.stringify(await newest())}; of ${TOTAL}`)
    throw fault
  })
  const totals = await newest()
  if (totals === undefined) throw new Error('nothing was counted')
  return totals
}

/** Flows of programs towards the storm's destinations, each with its program's path. */
async function flowsOf(ours: OurArm) {
  return (await ours.journaled('network.connections')).flatMap(({ net, program, flows }) =>
    net === 'socket' ? flows.map(({ pid, count }) => ({ pid, count, path: program?.path ?? null })) : [],
  )
}
