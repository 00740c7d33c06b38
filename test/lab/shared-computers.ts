/**
 * Computers that several files of the lab use one after the other: enrolling and starting the agent on emulated
 * processors takes most of a minute.
 *
 * A file asks for one in its `describe`. The next file that asks for the same kind gets the same computer, with the
 * records and violations it has by then, so a scenario counts from where it begins and leaves nothing plugged in. After a
 * failed scenario nobody gets that computer again.
 */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type LabComputer, startLabComputer } from './lab-computer.ts'
import { type LabPage, openLabPage } from './lab-page.ts'
import { type MediaLab, startMediaLab } from './media-lab.ts'
import { type NetworkLab, RULES, startNetworkLab } from './network-lab.ts'

/** An observing computer whose sensors watch, and its administrator's browser. */
export interface ObservedComputer extends AsyncDisposable {
  readonly lab: LabComputer
  readonly tab: LabPage
}

/** A host that answers, in a network namespace of the guest, at an address of the Internet. */
export const OUTSIDE = '1.2.3.7'
const MAKE_OUTSIDE = `ip netns add outside; ip link add inner type veth peer name outer netns outside
  ip address add 1.2.3.1/24 dev inner; ip link set inner up
  ip -n outside address add ${OUTSIDE}/24 dev outer; ip -n outside link set outer up; ip -n outside link set lo up`
/** The prefix of that host is approved: what leads there is no link to a strange network, what connects there is. */
export const RULES_WITH_OUTSIDE = { ...RULES, prefixes: [...RULES.prefixes, '1.2.3.0/24'] }

async function startObserved(): Promise<ObservedComputer> {
  await using undo = new AsyncDisposableStack()
  const lab = undo.use(await startLabComputer())
  await lab.startAgent()
  await lab.waitUntil('all sensors to watch', async () => (await lab.computer()).watch.state === 'proven')
  const tab = undo.use(await openLabPage(lab))
  const whole = undo.move()
  return { lab, tab, [Symbol.asyncDispose]: () => whole.disposeAsync() }
}

async function startEnforcingMedia(): Promise<MediaLab> {
  await using undo = new AsyncDisposableStack()
  const media = undo.use(await startMediaLab())
  await media.enforce()
  undo.move()
  return media
}

async function startNetwork(mode: 'alarm' | 'enforce'): Promise<NetworkLab> {
  await using undo = new AsyncDisposableStack()
  const net = undo.use(
    await startNetworkLab({
      mode,
      prepare: MAKE_OUTSIDE,
      settings: { network: RULES_WITH_OUTSIDE },
    }),
  )
  await net.start()
  undo.move()
  return net
}

const makers = {
  observed: startObserved,
  media: startEnforcingMedia,
  // Two, though each is used by one file: what is counted and lost counts on over a change of policy.
  'network-alarm': () => startNetwork('alarm'),
  'network-enforce': () => startNetwork('enforce'),
} as const
type Kind = keyof typeof makers
type Shared<K extends Kind> = Awaited<ReturnType<(typeof makers)[K]>>

let kept: { readonly kind: Kind; readonly computer: AsyncDisposable } | undefined

async function forget(): Promise<void> {
  const old = kept
  kept = undefined
  await old?.computer[Symbol.asyncDispose]()
}

/** Registers what a `describe` needs to use a shared computer; the returned function gives it inside of tests and hooks. */
export function useComputer<K extends Kind>(kind: K): () => Shared<K> {
  let computer: Shared<K> | undefined
  let hasFailed = false
  beforeAll(async () => {
    if (kept?.kind !== kind) {
      await forget()
      kept = { kind, computer: await makers[kind]() }
    }
    computer = kept.computer as Shared<K>
  })
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      hasFailed = true
    })
  })
  afterAll(async () => {
    if (hasFailed) await forget()
  })
  return () => {
    if (computer === undefined) throw new Error(`the computer "${kind}" is not there: its start failed`)
    return computer
  }
}
