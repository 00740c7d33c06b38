/** Violations 25-31: what hangs on the computer beside media and networks, and what leaves or enters through it. */
import { Type } from 'typebox'
import { OriginSchema, UsbDeviceSchema } from '../events/shapes.ts'
import { inferred, law, regulation, unitRule } from './legal-basis.ts'
import { actedOn } from './medium-evidence.ts'
import { foundHardware } from './network-evidence.ts'
import {
  account,
  busDevice,
  closed,
  fileEvidence,
  hash,
  identifier,
  list,
  type NumberedEntry,
  nullable,
  rawText,
  registeredMedium,
  timeMs,
  word,
} from './violation.ts'

export const PERIPHERAL_VIOLATIONS = {
  'phone-or-camera-connected': {
    number: 25,
    name: { zh: '连接手机等智能设备', en: 'Phone, camera or other smart device connected' },
    source: 'agent',
    severity: 'high',
    basis: [unitRule('smart-devices')],
    evidence: closed({
      device: UsbDeviceSchema,
      mode: Type.Union([
        Type.Literal('mtp'),
        Type.Literal('ptp'),
        Type.Literal('storage'),
        Type.Literal('network'),
        Type.Literal('debug'),
        Type.Literal('charging'),
        Type.Literal('other'),
      ]),
      ...actedOn,
    }),
  },
  'wireless-input-device': {
    number: 26,
    name: { zh: '使用无线键盘鼠标', en: 'Wireless keyboard or mouse' },
    source: 'agent',
    severity: 'high',
    basis: [inferred(unitRule('forbidden-hardware')), unitRule('wireless')],
    evidence: closed({ receiver: busDevice, ...actedOn }),
  },
  'av-device-enabled': {
    number: 27,
    name: { zh: '启用摄像头、麦克风、扬声器', en: 'Camera, microphone or speaker enabled' },
    source: 'agent',
    severity: 'medium',
    basis: [unitRule('forbidden-hardware')],
    evidence: closed({
      device: busDevice,
      function: Type.Union([Type.Literal('camera'), Type.Literal('microphone'), Type.Literal('speaker')]),
      isEnabled: Type.Boolean(),
      lastUsedAtMs: nullable(timeMs),
      ...foundHardware,
    }),
  },
  'unregistered-peripheral': {
    number: 28,
    name: { zh: '擅自安装外设', en: 'Peripheral without approval' },
    source: 'agent',
    severity: 'medium',
    basis: [unitRule('device-installation')],
    evidence: closed({
      device: busDevice,
      origin: OriginSchema,
      firstSeenAtMs: timeMs,
      /**
       * The policy's rule that refused it: unapproved, functions that do not belong together, descriptors that
       * lie or can't be read.
       */
      why: Type.Optional(
        Type.Union([
          Type.Literal('unregistered-peripheral'),
          Type.Literal('suspicious-composite'),
          Type.Literal('malformed-descriptors'),
          Type.Literal('unread-descriptors'),
        ]),
      ),
      faults: Type.Optional(list(word, 32)),
      ...actedOn,
    }),
  },
  'shared-or-unregistered-printer': {
    number: 29,
    name: { zh: '共用或未登记打印机', en: 'Shared or unregistered printer' },
    source: 'agent',
    severity: 'high',
    basis: [unitRule('printing'), unitRule('smart-devices')],
    evidence: closed({
      printer: rawText,
      device: nullable(busDevice),
      link: Type.Union([
        Type.Literal('usb'),
        Type.Literal('network'),
        Type.Literal('wireless'),
        Type.Literal('parallel'),
        Type.Literal('shared-queue'),
        Type.Literal('unknown'),
      ]),
      isRegistered: Type.Boolean(),
      isShared: nullable(Type.Boolean()),
    }),
  },
  'unapproved-optical-burn': {
    number: 30,
    name: { zh: '未经审批刻录', en: 'Disc burnt without approval' },
    source: 'both',
    severity: 'high',
    basis: [unitRule('burning'), regulation(27, 5)],
    evidence: closed({
      drive: rawText,
      files: list(fileEvidence),
      account,
      burntAtMs: timeMs,
      /** An approval that exists and does not cover this burn. */
      nearestApproval: nullable(identifier),
    }),
  },
  'unapproved-import': {
    number: 31,
    name: { zh: '违规导入', en: 'Import outside the one-way path' },
    source: 'agent',
    severity: 'high',
    basis: [law(31, 2), unitRule('one-way-import')],
    evidence: closed({
      medium: nullable(registeredMedium),
      device: nullable(busDevice),
      files: list(closed({ file: fileEvidence, sha256: nullable(hash) })),
      account,
    }),
  },
} as const satisfies Readonly<Record<string, NumberedEntry>>
