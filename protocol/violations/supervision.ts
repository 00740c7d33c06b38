/** Violations 38-45: the agent and its log, the computer itself, and who uses it. */
import { Type } from 'typebox'
import { inferred, law, regulation, unitRule } from './legal-basis.ts'
import {
  account,
  closed,
  count,
  hash,
  identifier,
  list,
  type NumberedEntry,
  nullable,
  rawText,
  signed,
  timeMs,
  word,
} from './violation.ts'

/** What every cause of a broken log tells, as far as it applies. */
const logFields = {
  epoch: nullable(identifier),
  firstSeq: nullable(count),
  lastSeq: nullable(count),
  expectedHead: nullable(hash),
  claimedHead: nullable(hash),
  byMs: nullable(signed),
}
const numbered = { ...logFields, epoch: identifier, firstSeq: count, lastSeq: count }

/** Of a seal: what is wrong with it, its index (null: there is none), and the index that was due. */
const sealFields = { fault: word, sealIndex: nullable(count), expectedSealIndex: count }

function cause<Name extends string, Fields extends Type.TProperties>(name: Name, fields: Fields) {
  return closed({ cause: Type.Literal(name), ...fields })
}

export const SUPERVISION_VIOLATIONS = {
  'agent-tamper': {
    number: 38,
    name: { zh: '擅自卸载、修改监控程序', en: 'Agent stopped, altered or removed' },
    source: 'both',
    severity: 'critical',
    basis: [law(31, 4), law(57, 11)],
    evidence: closed({
      what: Type.Union([
        Type.Literal('stopped'),
        Type.Literal('altered'),
        Type.Literal('removed'),
        Type.Literal('configuration-altered'),
        /** The denial that the policy orders was lifted at the computer itself. */
        Type.Literal('control-released'),
        /** A layer of it in the kernel was flushed, altered or taken away: `alteration` says which of these. */
        Type.Literal('control-altered'),
        /** Its identity is used by another machine or process, or its machine has come under another identity. */
        Type.Literal('identity-copied'),
        /** It was held still by a stop signal and went on later: `openMs` for how long. */
        Type.Literal('paused'),
      ]),
      /** Which control; left out by records older than network control: `media`. */
      group: Type.Optional(Type.Union([Type.Literal('media'), Type.Literal('network')])),
      /** `connection-guard`, `packet-table` …, and `pin-removed`, `rules-flushed` … */
      layer: Type.Optional(word),
      alteration: Type.Optional(word),
      detail: Type.Optional(nullable(Type.String({ maxLength: 1_000 }))),
      /** It was put back, and how long it was open. */
      isRestored: Type.Optional(Type.Boolean()),
      openMs: Type.Optional(nullable(count)),
      /** How an identity was found to be used elsewhere. */
      identity: Type.Optional(
        closed({
          how: word,
          address: Type.String({ maxLength: 64 }),
          /** Hardware that both name; of the enrolled machine; of the other one. */
          inCommon: count,
          known: count,
          told: count,
          otherComputer: nullable(identifier),
        }),
      ),
      /** Of a release: why, in the words of who did it. */
      reason: Type.Optional(nullable(Type.String({ maxLength: 1_000 }))),
      path: nullable(rawText),
      expectedHash: nullable(hash),
      observedHash: nullable(hash),
      serviceState: nullable(word),
      account,
    }),
  },
  'agent-silent': {
    number: 39,
    name: { zh: '监控失联', en: 'Agent silent beyond its limit' },
    source: 'console',
    severity: 'high',
    basis: [inferred(unitRule('monitoring')), law(31)],
    evidence: closed({
      /** The console's clock at the last sign of life. */
      lastSeenMs: timeMs,
      /** The last record that the console has; 0 where it has none. */
      lastSeq: count,
      limitMs: count,
      /** Silence during which the console itself ran. */
      silentMs: count,
      /** Its last record said that it was stopping: the longer limit holds. */
      wasCleanStop: Type.Boolean(),
    }),
  },
  'log-gap-or-clock-tamper': {
    number: 40,
    name: { zh: '日志缺失或时间篡改', en: 'Log gap or clock set back' },
    source: 'both',
    severity: 'critical',
    basis: [regulation(59), unitRule('audit-log')],
    evidence: Type.Union([
      cause('chain-broken', { ...numbered, expectedHead: hash, claimedHead: hash }),
      cause('journal-rolled-back', numbered),
      cause('journal-lost', logFields),
      cause('segment-missing', numbered),
      cause('chain-mismatch', numbered),
      cause('undeclared-gap', numbered),
      /** `byMs` is negative: how far back. The numbers are those of the record that tells it. */
      cause('clock-set-back', {
        ...logFields,
        byMs: Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: -1 }),
      }),
      cause('replayed-differently', numbered),
      cause('seal-broken', { ...numbered, ...sealFields }),
      cause('seal-missing', { ...numbered, ...sealFields }),
    ]),
  },
  'weak-password-policy': {
    number: 41,
    name: { zh: '口令或屏保不符合要求', en: 'Password or screen lock below the rule' },
    source: 'agent',
    severity: 'medium',
    basis: [unitRule('passwords')],
    evidence: closed({
      account,
      findings: list(
        closed({
          setting: Type.Union([
            Type.Literal('length'),
            Type.Literal('classes'),
            Type.Literal('age-days'),
            Type.Literal('lock-seconds'),
            Type.Literal('blank-or-automatic'),
          ]),
          required: nullable(count),
          found: nullable(count),
        }),
        16,
      ),
    }),
  },
  'disk-removed-or-replaced': {
    number: 42,
    name: { zh: '私自拆卸更换硬盘', en: 'Disk removed or replaced' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('hard-disks')],
    evidence: closed({
      registeredSerials: list(rawText, 64),
      observedSerials: list(rawText, 64),
      repairTicket: nullable(identifier),
    }),
  },
  'unregistered-computer': {
    number: 43,
    name: { zh: '未备案计算机处理国家秘密', en: 'Unfiled computer in use' },
    source: 'both',
    severity: 'critical',
    basis: [unitRule('filing')],
    evidence: closed({ hardwareId: rawText, hostname: nullable(rawText), account, firstSeenAtMs: timeMs }),
  },
  'revoked-or-unauthorized-user': {
    number: 44,
    name: { zh: '未授权或已离岗人员使用', en: 'Used by an unauthorised or departed person' },
    source: 'both',
    severity: 'high',
    basis: [unitRule('authorized-users'), regulation(53)],
    evidence: closed({
      account: rawText,
      loggedInAtMs: timeMs,
      status: Type.Union([Type.Literal('unknown'), Type.Literal('not-assigned'), Type.Literal('revoked')]),
      revokedAtMs: nullable(timeMs),
    }),
  },
  'usage-log-missing': {
    number: 45,
    name: { zh: '未履行使用登记', en: 'Session without a usage-log entry' },
    source: 'console',
    severity: 'low',
    basis: [unitRule('usage-log')],
    evidence: closed({
      account: rawText,
      sessionStartedAtMs: timeMs,
      sessionEndedAtMs: nullable(timeMs),
      daysLate: count,
    }),
  },
} as const satisfies Readonly<Record<string, NumberedEntry>>
