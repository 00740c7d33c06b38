/** Violations 32-37: classified files, their marks, and where they lie. Evidence names files and marks, never content. */
import { Type } from 'typebox'
import { law, regulation, unitRule } from './legal-basis.ts'
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
  timeMs,
  word,
} from './violation.ts'

export const FILE_VIOLATIONS = {
  'label-exceeds-host-level': {
    number: 32,
    name: { zh: '低密级计算机处理高密级信息', en: 'File above the level of the host' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('level-order'), regulation(32)],
    evidence: closed({ file: fileEvidence, hostLevel: level, process: nullable(rawText) }),
  },
  'classified-file-on-unclassified-host': {
    number: 33,
    name: { zh: '非涉密计算机存储处理国家秘密', en: 'Classified file on unclassified host' },
    source: 'agent',
    severity: 'critical',
    basis: [law(31, 3), unitRule('internet-use')],
    evidence: closed({
      file: fileEvidence,
      hostIsOnNetwork: nullable(Type.Boolean()),
      hostIsOnInternet: nullable(Type.Boolean()),
    }),
  },
  'classified-file-to-unclassified-media': {
    number: 34,
    name: { zh: '涉密文件写入非涉密介质', en: 'Classified file written to unclassified medium' },
    source: 'agent',
    severity: 'critical',
    basis: [unitRule('unclassified-media')],
    evidence: closed({ file: fileEvidence, mediumNumber: nullable(identifier), device: nullable(busDevice) }),
  },
  'mark-missing-or-malformed': {
    number: 35,
    name: { zh: '密级标志缺失或不规范', en: 'Classification mark missing or malformed' },
    source: 'agent',
    severity: 'low',
    basis: [law(22), regulation(21), unitRule('marking')],
    evidence: closed({ file: fileEvidence, textFound: nullable(rawText), rule: word }),
  },
  'mark-altered': {
    number: 36,
    name: { zh: '擅自变更密级标志', en: 'Classification mark removed or lowered' },
    source: 'agent',
    severity: 'high',
    basis: [regulation(27, 5)],
    evidence: closed({
      file: fileEvidence,
      markBefore: word,
      markAfter: nullable(word),
      account,
      changedAtMs: timeMs,
    }),
  },
  'unapproved-copy': {
    number: 37,
    name: { zh: '擅自复制、导出', en: 'Copied or exported without approval' },
    source: 'both',
    severity: 'high',
    basis: [unitRule('copying')],
    evidence: closed({
      files: list(fileEvidence),
      /** All of them, also those beyond the list. */
      fileCount: count,
      target: rawText,
      targetMedium: nullable(identifier),
      account,
      nearestApproval: nullable(identifier),
    }),
  },
} as const satisfies Readonly<Record<string, NumberedEntry>>
