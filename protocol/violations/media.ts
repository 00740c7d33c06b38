/** Violations 14-24: removable media, their register and their custody. */
import { Type } from 'typebox'
import { BlockDeviceSchema, OriginSchema, SightingSchema, UsbDeviceSchema } from '../events/shapes.ts'
import { IdentityReasonSchema } from '../media/shapes.ts'
import { inferred, law, unitRule } from './legal-basis.ts'
import { seenMedium } from './medium-evidence.ts'
import {
  account,
  busDevice,
  closed,
  count,
  fileEvidence,
  identifier,
  level,
  list,
  type NumberedEntry,
  nullable,
  rawText,
  registeredMedium,
  timeMs,
} from './violation.ts'

export const MEDIA_VIOLATIONS = {
  'unregistered-media-inserted': {
    number: 14,
    name: { zh: '使用未登记移动存储介质', en: 'Unregistered removable medium' },
    source: 'agent',
    severity: 'high',
    basis: [unitRule('issued-media'), unitRule('media-register')],
    evidence: closed({
      /** Null where the medium does not hang on USB, or its device was gone before it could be read. */
      device: nullable(UsbDeviceSchema),
      disk: nullable(BlockDeviceSchema),
      origin: OriginSchema,
      sighting: SightingSchema,
      outcome: Type.Union([Type.Literal('detected'), Type.Literal('blocked'), Type.Literal('allowed')]),
      /** Enforce mode would have blocked it. */
      wouldBlock: Type.Boolean(),
      ...seenMedium.examined,
      /** It was told as one device of many functions, storage among them. */
      isComposite: Type.Optional(Type.Boolean()),
    }),
  },
  'unclassified-media-on-classified-host': {
    number: 15,
    name: { zh: '非涉密介质接入涉密计算机', en: 'Unclassified medium on classified host' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('cross-use'), law(31, 2)],
    evidence: closed({
      medium: registeredMedium,
      hostLevel: level,
      filesWritten: nullable(count),
      bytesWritten: nullable(count),
      ...seenMedium.told,
    }),
  },
  'classified-media-on-unclassified-host': {
    number: 16,
    name: { zh: '涉密介质接入非涉密计算机', en: 'Classified medium on unclassified host' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('cross-use'), law(31, 3)],
    evidence: closed({
      medium: registeredMedium,
      hostLevel: level,
      /** Whether the host had any network at that moment. */
      hostIsOnNetwork: nullable(Type.Boolean()),
      hostIsOnInternet: nullable(Type.Boolean()),
      ...seenMedium.told,
    }),
  },
  'media-cross-use': {
    number: 17,
    name: { zh: '介质交叉使用', en: 'Medium used across classified and unclassified hosts' },
    source: 'console',
    severity: 'critical',
    basis: [unitRule('cross-use')],
    evidence: closed({
      number: nullable(identifier),
      device: busDevice,
      sightings: Type.Array(closed({ computer: identifier, hostLevel: level, atMs: timeMs }), {
        minItems: 2,
        maxItems: 100,
      }),
    }),
  },
  'high-media-on-low-host': {
    number: 18,
    name: { zh: '高密低用', en: 'Higher-level medium on lower-level host' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('level-order')],
    evidence: closed({ medium: registeredMedium, hostLevel: level, ...seenMedium.told }),
  },
  'low-media-write-on-high-host': {
    number: 19,
    name: { zh: '低密高用写入', en: 'Higher-level host wrote to lower-level medium' },
    source: 'agent',
    severity: 'high',
    basis: [inferred(unitRule('level-order'))],
    evidence: closed({
      medium: registeredMedium,
      hostLevel: level,
      /** Those of the record that told it; later ones of the same stay are records of their own. */
      files: list(fileEvidence),
      /** Null where the size of what was written is not known. */
      bytesWritten: nullable(count),
    }),
  },
  'media-not-assigned': {
    number: 20,
    name: { zh: '越权使用介质', en: 'Medium not assigned to this host or user' },
    source: 'agent',
    severity: 'medium',
    basis: [unitRule('media-register')],
    evidence: closed({
      medium: registeredMedium,
      assignedComputers: list(identifier),
      assignedUsers: list(rawText),
      account,
      /** Which part of the assignment fails; null where the policy in force does not tell. */
      fault: Type.Optional(
        nullable(
          Type.Union([
            Type.Literal('computer'),
            Type.Literal('user'),
            Type.Literal('replaced'),
            Type.Literal('not-yet-valid'),
            Type.Literal('expired'),
          ]),
        ),
      ),
      ...seenMedium.told,
    }),
  },
  'media-identity-mismatch': {
    number: 21,
    name: { zh: '介质标识不符', en: 'Medium differs from its registered identity' },
    source: 'agent',
    severity: 'high',
    basis: [inferred(unitRule('issued-media'))],
    evidence: closed({
      /** Null where what was copied is no registered medium. */
      number: nullable(identifier),
      registered: busDevice,
      observed: busDevice,
      registeredSizeBytes: nullable(count),
      observedSizeBytes: nullable(count),
      /** What is the same and what differs, field by field. */
      reasons: Type.Optional(list(IdentityReasonSchema, 32)),
      /** Where the same identity is, or was, as well; the times are those of the computers' own clocks. */
      elsewhere: Type.Optional(list(closed({ computer: identifier, atMs: timeMs }), 100)),
      ...seenMedium.told,
    }),
  },
  'media-status-invalid': {
    number: 22,
    name: { zh: '使用停用或待销毁介质', en: 'Retired, lost or pending medium used' },
    source: 'agent',
    severity: 'high',
    basis: [unitRule('retire-and-destroy')],
    evidence: closed({
      medium: registeredMedium,
      status: Type.Union([
        Type.Literal('retired'),
        Type.Literal('lost'),
        Type.Literal('pending-destruction'),
        Type.Literal('destroyed'),
        Type.Literal('suspended'),
        Type.Literal('expired'),
        Type.Literal('not-yet-valid'),
        Type.Literal('replaced'),
        /** Withdrawn; the policy in force does not say as what. */
        Type.Literal('revoked'),
      ]),
      ...seenMedium.told,
    }),
  },
  'media-year-end-overdue': {
    number: 23,
    name: { zh: '年底未交存', en: 'Not handed in at year end' },
    source: 'console',
    severity: 'medium',
    basis: [unitRule('media-hand-in')],
    evidence: closed({ medium: registeredMedium, custodian: rawText, dueAtMs: timeMs, daysLate: count }),
  },
  'media-missing': {
    number: 24,
    name: { zh: '介质下落不明', en: 'Medium missing' },
    source: 'console',
    severity: 'critical',
    basis: [unitRule('missing-carrier')],
    evidence: closed({
      medium: registeredMedium,
      custodian: nullable(rawText),
      lastSeenAtMs: nullable(timeMs),
      lastSeenComputer: nullable(identifier),
      foundMissingAtMs: timeMs,
      /** After discovery: 10 days at 绝密, 60 days at 机密 and 秘密. */
      limitDays: Type.Union([Type.Literal(10), Type.Literal(60)]),
    }),
  },
} as const satisfies Readonly<Record<string, NumberedEntry>>
