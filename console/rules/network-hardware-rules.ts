/**
 * Hardware that a classified computer should not have in use: violations 5, 7, 8 and 27. Pure.
 *
 * Only what is on is accused. Present and switched off, or present with nothing to serve it, is what the rules of a unit
 * ask for where it can't be taken out: recorded as such. A modem on USB was judged when it was plugged in.
 */
import type { EvidenceOf, Hardware } from '@shoukou/protocol'
import { subjectOfHardware } from './incident-subjects.ts'
import type { Judgement, RecordOf } from './judgement.ts'
import { foundIn } from './network-proof.ts'

type HardwareRecord = RecordOf<'network.hardware'>

export function judgeHardware(record: HardwareRecord): Judgement[] {
  const { fact, decision } = record
  if (fact.change === 'gone' || fact.hardware.state !== 'on') return []
  if (decision?.would === 'allow' || wasToldBefore(record)) return []
  const judgement = wordHardware(record)
  if (judgement === null) return []
  return [{ ...judgement, incident: { kind: 'lasting', subject: subjectOfHardware(fact.hardware) } }]
}

/** What was on at enrolment, or was told by an earlier run; not what was off then and has been switched on since. */
function wasToldBefore({ fact, decision }: HardwareRecord): boolean {
  if (fact.change === 'changed' && fact.before?.state !== 'on') return false
  return fact.origin === 'still-present' || (fact.origin === 'baseline' && decision?.would !== 'block')
}

function wordHardware(record: HardwareRecord): Judgement | null {
  const { hardware } = record.fact
  const device = busDeviceOf(hardware)
  switch (hardware.kind) {
    case 'wifi':
    case 'nfc':
    case 'infrared':
    case 'uwb':
    case 'cellular-modem':
      return { type: 'wireless-hardware-present', evidence: { device, isEnabled: true, hardware } }
    case 'bluetooth':
      return {
        type: 'bluetooth-enabled',
        evidence: {
          device,
          isPowered: true,
          pairedNames: hardware.names,
          hardware,
          found: foundIn(record, { text: hardware.model }),
        },
      }
    case 'dialup-modem':
      if (hardware.bus === 'usb') return null
      return {
        type: 'modem-or-cellular-dialup',
        evidence: {
          device,
          interface: null,
          link: 'modem',
          logLines: [],
          startedAtMs: record.wallMs,
          endedAtMs: null,
          found: foundIn(record, { text: hardware.model }),
        },
      }
    case 'camera':
    case 'microphone':
    case 'speaker':
      return {
        type: 'av-device-enabled',
        evidence: { device, function: hardware.kind, isEnabled: true, lastUsedAtMs: null, hardware },
      }
  }
}

function busDeviceOf(hardware: Hardware): EvidenceOf<'wireless-hardware-present'>['device'] {
  const { busPath, usbPath, vendorId, productId, model } = hardware
  return { busPath: busPath ?? usbPath, vendorId, productId, serial: null, model }
}
