/** USBGuard 1.1.2 from Debian, denying by default, with the rules that this product's policy amounts to. */
import type { Guest } from '../../lab/boot-guest.ts'
import { ALLOWED_SERIALS, type Arm, FLOOD_SERIALS, IDS } from './arm.ts'
import { OPEN_BUS } from './control-arm.ts'

const LOG = '/var/log/usbguard-bench'
const PID_FILE = '/run/usbguard-bench.pid'

const RULES = [
  'allow id 1d6b:* with-interface equals { 09:00:00 }',
  allow('bulk-only stick', ALLOWED_SERIALS['allowed bulk-only stick']),
  allow('UAS stick', ALLOWED_SERIALS['allowed UAS stick']),
  allow('keyboard', ALLOWED_SERIALS['allowed keyboard']),
  ...FLOOD_SERIALS.map((serial) => allow('keyboard', serial)),
]

const CONFIG = `RuleFile=/etc/usbguard/bench.rules
ImplicitPolicyTarget=block
PresentDevicePolicy=apply-policy
PresentControllerPolicy=keep
InsertedDevicePolicy=apply-policy
AuthorizedDefault=none
RestoreControllerDeviceState=false
DeviceManagerBackend=uevent
IPCAllowedUsers=root
DeviceRulesWithPort=false
AuditBackend=FileAudit
AuditFilePath=${LOG}/audit.log
`

export function usbguardArm(guest: Guest): Arm {
  return {
    name: 'usbguard',
    pidFile: PID_FILE,
    log: LOG,
    async start() {
      await guest.run('cat >/etc/usbguard/bench.rules && chmod 600 /etc/usbguard/bench.rules', {
        input: `${RULES.join('\n')}\n`,
      })
      await guest.run('cat >/etc/usbguard/bench.conf && chmod 600 /etc/usbguard/bench.conf', {
        input: CONFIG,
      })
      await guest.run(
        `${OPEN_BUS}
        mkdir -p ${LOG}
        setsid usbguard-daemon -P -k -c /etc/usbguard/bench.conf </dev/null >/dev/null 2>&1 & echo $! >${PID_FILE}
        until [ "$(cat /sys/bus/usb/devices/usb1/authorized_default)" = 0 ] && usbguard list-devices >/dev/null 2>&1
        do sleep 0.1; done`,
      )
    },
    async stop() {
      await guest.run(
        `kill "$(cat ${PID_FILE})"; while [ -e /proc/$(cat ${PID_FILE}) ]; do sleep 0.05; done
        ${OPEN_BUS}`,
      )
    },
    isRefusal: (line) => line.includes("type='Policy.Device.Update'") && line.includes("target.new='block'"),
    isRecord: (line) => line.includes("type='Device.Insert'"),
  }
}

function allow(kind: keyof typeof IDS, serial: string): string {
  return `allow id ${IDS[kind].vendorId}:${IDS[kind].productId} serial "${serial}"`
}
