/** What a verification says on a terminal: what was proved, what was not, and where the first alteration is. Pure. */
import { CHAIN_HASHES, type Finding, HASH_NAMES, showRawText } from '@shoukou/protocol'
import type { Progress, Report } from '../trail/verify-database.ts'

/** Returns the report's lines. `numbers` are the unit's numbers of computers, by agent. */
export function reportLines(report: Report, numbers: ReadonlyMap<string, string>): string[] {
  const lines = report.isWhole
    ? ['Nothing was altered, as far as this can be proved.']
    : alterations(report, numbers)
  return [
    ...lines,
    '',
    report.isWhole ? 'Proved from the raw bytes:' : 'Looked at, but for what is told above:',
    ...proved(report),
    '',
    'Not proved:',
    ...notProved(report),
  ]
}

function alterations({ findings, findingsTotal }: Report, numbers: ReadonlyMap<string, string>): string[] {
  const [first, ...others] = findings.map((finding) => findingLine(finding, numbers))
  const left = findingsTotal - findings.length
  return [
    `ALTERED: ${findingsTotal} found. The first is:`,
    `  ${first ?? ''}`,
    ...(others.length === 0 ? [] : ['Then:', ...others.map((line) => `  ${line}`)]),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ]
}

/** Says where one finding is, and what it is. */
export function findingLine(finding: Finding, numbers: ReadonlyMap<string, string>): string {
  const { table, agent, epoch, seq, lastSeq } = finding
  const place = [
    `table ${table}`,
    ...(agent === undefined ? [] : [`computer ${showRawText(numbers.get(agent) ?? agent)}`]),
    ...(epoch === undefined ? [] : [`journal ${showRawText(epoch)}`]),
    ...(seq === undefined
      ? []
      : [lastSeq === undefined || lastSeq === seq ? `number ${seq}` : `numbers ${seq} to ${lastSeq}`]),
  ]
  return `${place.join(', ')}: ${kinds[finding.kind]} (${showRawText(finding.what)})`
}

const kinds: Readonly<Record<Finding['kind'], string>> = {
  altered: 'the bytes are not those that were chained',
  'head-altered': 'the stored head was altered',
  missing: 'it was there, and is gone',
  added: 'nothing vouches for it',
  'column-altered': 'a column says something else than the bytes',
  signature: 'a signature does not hold',
  differs: 'what was signed or chained before says otherwise',
  'not-remade': 'the rule does not make this violation of its record',
  unreadable: 'the bytes can’t be read',
}

function proved(report: Report): string[] {
  const { trail, records, journals, kept, checkpoints } = report
  const { declared, undeclared, pending } = journals.gaps
  return [
    `  the log: ${trail.entries} entries in one chain without a hole, head ${inGroups(trail.head)}`,
    `  checkpoints: ${checkpoints.checkpoints}${report.hasLogKey ? ', each signed by the log key' : ''}, agreeing with the log, the evidence and ${checkpoints.places} places of journals`,
    `  records: ${records.records} (${megabytes(records.bytes)} MB) in ${journals.journals} journals of ${journals.agents} computers, each head made anew: ${hashesOf(report)}`,
    `  gaps: ${declared} declared by the computer or by a receipt, ${undeclared} declared by nobody, ${pending} not settled yet; ${journals.numbersMissing} numbers in all`,
    `  violations: ${kept.violations}, each the very one that was kept; ${kept.violationsOfRecords} with their record there, ${kept.remade} made again by the rule from record and policy`,
    ...archivedLines(report),
    `  policies: ${kept.policies}, each the very one that was kept${report.hasPolicyKeys ? `; ${kept.policiesSigned} signed by a key that the log names` : ''}`,
    `  in ${(report.tookMs / 1_000).toFixed(1)} s, by ${records.threads} thread${records.threads === 1 ? '' : 's'}`,
  ]
}

/** With which hash how many journals are chained; those with none are not told. */
function hashesOf({ journals: { byHash } }: Report): string {
  const used = CHAIN_HASHES.filter((hash) => byHash[hash] > 0)
  if (used.length === 0) return 'no journal is there'
  return used.map((hash) => `${byHash[hash]} by ${HASH_NAMES[hash]}`).join(', ')
}

/** What is no longer in the database, and where. */
function archivedLines({ archived }: Report): string[] {
  return archived.archives.map((one) => {
    const span =
      one.firstReceivedAt === null || one.lastReceivedAt === null
        ? ''
        : `, received ${day(one.firstReceivedAt)} to ${day(one.lastReceivedAt)}`
    const isGiven = archived.given.archives.some(({ digest }) => digest === one.digest)
    const state = isGiven ? 'verified with it' : 'its end vouched for by its signed manifest'
    return `  archived: ${one.records} records of ${one.journals} journals${span}, are in ${showRawText(one.name)} (SHA-256 ${one.digest}); taken out ${day(one.removedAt)}, asked by ${showRawText(one.askedBy)}, agreed by ${showRawText(one.agreedBy)}; ${state}`
  })
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function notProved(report: Report): string[] {
  const { archived } = report
  const absent = archived.archives.filter(
    ({ digest }) => !archived.given.archives.some((one) => one.digest === digest),
  )
  const { trail, records, kept, checkpoints } = report
  const asked = kept.violationsOfRecords - kept.remade
  return [
    '  what came after the newest checkpoint could have been cut off together with its end: hold a printed checkpoint, or an agent’s witness, against it with --checkpoint',
    ...(checkpoints.checkpoints === 0
      ? ['  there is no checkpoint yet: whoever could write to the database could have chained it all anew']
      : []),
    ...(report.hasLogKey ? [] : ['  checkpoints’ signatures: the log key’s public half was not given']),
    ...(report.hasPolicyKeys ? [] : ['  policies’ signatures: no key is known']),
    ...absent.map(
      ({ name, records: count }) =>
        `  the ${count} records in ${showRawText(name)}: give the file with --archive FILE`,
    ),
    ...(trail.earlier === 0
      ? []
      : [`  ${trail.earlier} entries of the log are from before there was a chain`]),
    ...(trail.unfinished === 0
      ? []
      : [`  of ${trail.unfinished} intentions nobody wrote down what came of them`]),
    ...(records.unprovable === 0
      ? []
      : [`  ${records.unprovable} records behind gaps from before the head there was kept: their own bytes`]),
    ...(asked === 0
      ? []
      : [`  ${asked} violations were made of more than one record: their rule was not run again`]),
    ...(kept.remadeOtherwise === 0
      ? []
      : [
          `  ${kept.remadeOtherwise} violations were made by another version, whose rule differs from today’s`,
        ]),
    '  that computers told the truth, and when a record was received',
  ]
}

/** One line that is written over again and again. */
export function progressLine({ stage, done, total }: Progress): string {
  const share = total === 0 ? '' : ` ${Math.min(100, Math.floor((done * 100) / total))} %`
  return `verifying ${stage}${share}`
}

function inGroups(head: string): string {
  return head.replaceAll(/(.{8})(?=.)/g, '$1 ')
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
