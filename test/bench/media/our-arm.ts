/** This product's agent, enforcing, with the policy that the other arm's rules amount to. */
import type { Record } from '@shoukou/protocol'
import type { PolicyAnswer } from '../../../console/api/contract.ts'
import { AGENT_STATE, type LabComputer, startLabComputer } from '../../lab/lab-computer.ts'
import { ALLOWED_SERIALS, type Arm, FLOOD_SERIALS, IDS } from './arm.ts'

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

/**
 * The agent runs through the whole bench, as it does for weeks on a real computer. In the others' turns its policy only
 * observes and it is stopped (SIGSTOP): nothing of it stands in the kernel then, and it takes no processor time.
 */
export function ourArm(lab: LabComputer): Arm {
  let hasStarted = false
  const setMode = async (media: 'observe' | 'enforce'): Promise<void> => {
    const { agent } = await lab.computer()
    const { policy } = await lab.admin.get<PolicyAnswer>(`/api/computers/${agent}/policy`)
    const settings = { ...policy.settings, modes: { ...policy.settings.modes, media } }
    const change = { baseVersion: policy.version, settings, reason: 'the turn of an arm' }
    await lab.admin.send('PUT', `/api/computers/${agent}/policy`, change)
    const stands =
      '[ -e /sys/fs/bpf/shoukou/link ] && ! grep -q 1 /sys/bus/usb/devices/usb*/authorized_default'
    const gone =
      '! [ -e /sys/fs/bpf/shoukou/link ] && ! grep -q 0 /sys/bus/usb/devices/usb*/authorized_default'
    await lab.guest.run(`until ${media === 'enforce' ? stands : gone}; do sleep 0.1; done`)
  }
  return {
    name: 'shoukou',
    pidFile: '/run/agent.pid',
    log: `${AGENT_STATE}/journal`,
    async start() {
      if (!hasStarted) await lab.startAgent()
      else {
        await lab.guest.run('kill -CONT "$(cat /run/agent.pid)"')
        await setMode('enforce')
      }
      hasStarted = true
      await lab.waitUntil('control to be in force', async () => {
        const { stdout } = await lab.guest.run('cat /sys/bus/usb/devices/usb*/authorized_default')
        return !stdout.includes('1')
      })
    },
    async stop() {
      await setMode('observe')
      await lab.guest.run('kill -STOP "$(cat /run/agent.pid)"')
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
