/** The whole path: a stick plugged into a QEMU guest, from QMP's reply to `device_add` to the headline. */
import { setTimeout as delay } from 'node:timers/promises'
import { startLabComputer } from '../../lab/lab-computer.ts'
import { openScreen } from './stage.ts'

const shownMsMax = 60_000
const settleMs = 300
const warmUps = 2

/** Returns ms from plug to headline, for each plug. Rejects where a plug made no violation, or more than one. */
export async function measureInGuest(n: number, say: (line: string) => void): Promise<number[]> {
  await using lab = await startLabComputer({ say })
  const { address, authority } = lab.console
  // The lab's own client has changed the first password of this account.
  await using screen = await openScreen({ origin: address, authorityPem: authority, firstPassword: null })
  await lab.startAgent()
  await lab.waitUntil('the agent to watch USB', async () =>
    (await lab.computer()).coverage.some((one) => one.sensor === 'usb' && one.state === 'watching'),
  )
  const samples: number[] = []
  for (let plug = 1; plug <= n + warmUps; plug += 1) {
    const stick = await lab.guest.plugStick({ serial: `BENCH-${plug}` })
    const shown = await screen.next(shownMsMax)
    if (plug > warmUps) samples.push(shown.at - stick.pluggedAt)
    await lab.guest.unplug(stick)
    await delay(settleMs)
  }
  const total = (await lab.computer()).violations.reduce((sum, one) => sum + one.count, 0)
  if (total !== n + warmUps) throw new Error(`${n + warmUps} plugs made ${total} violations`)
  return samples
}
