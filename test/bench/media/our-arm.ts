/** This product's agent, enforcing, with the policy that the other arm's rules amount to. */
import type { Record } from '@shoukou/protocol'
import { AGENT_STATE, type LabComputer, startLabComputer } from '../../lab/lab-computer.ts'
import { ALLOWED_SERIALS, type Arm, FLOOD_SERIALS, IDS } from './arm.ts'
import { OPEN_BUS } from './control-arm.ts'

/** Starts console, guest and enrolled agent, which does not run yet. */
export function startOurComputer(say: (line: string) => void): Promise<LabComputer> {
  const note = 'bench'
  return startLabComputer({
    say,
    settings: {
      modes: { media: 'enforce', network: 'observe', files: 'observe' },
      registeredMedia: [
        { ...IDS['bulk-only stick'], serial: ALLOWED_SERIALS['allowed bulk-only stick'], note },
        { ...IDS['UAS stick'], serial: ALLOWED_SERIALS['allowed UAS stick'], note },
      ],
      approvedPeripherals: [ALLOWED_SERIALS['allowed keyboard'], ...FLOOD_SERIALS].map((serial) => ({
        ...IDS.keyboard,
        serial,
        note,
      })),
    },
  })
}

export function ourArm(lab: LabComputer): Arm {
  return {
    name: 'shoukou',
    pidFile: '/run/agent.pid',
    log: `${AGENT_STATE}/journal`,
    async start() {
      await lab.startAgent()
      await lab.waitUntil('control to be in force', async () => {
        const { stdout } = await lab.guest.run('cat /sys/bus/usb/devices/usb*/authorized_default')
        return !stdout.includes('1')
      })
    },
    async stop() {
      await lab.killAgent()
      await lab.agent("release --reason 'the other arm of the bench'")
      // A release holds until a newer policy; the next turn is under the same one.
      await lab.guest.run(`rm ${AGENT_STATE}/release.json; ${OPEN_BUS}`)
    },
    isRefusal: (line) => recordOf(line)?.decision?.outcome === 'blocked',
    isRecord: (line) => recordOf(line)?.fact.kind === 'usb.attached',
  }
}

/** Returns the record of a journal entry: JSON behind its binary head; null where it is none, or was cut. */
export function recordOf(line: string): Record | null {
  const at = line.indexOf('{"')
  if (at === -1) return null
  try {
    return JSON.parse(Buffer.from(line.slice(at), 'latin1').toString('utf8')) as Record
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
