/** `status`: what the running agent vouches for. Exit code 0 running and well, 1 running with something wrong, 3 not running. */
import { resolve } from 'node:path'
import type { Coverage } from '@shoukou/protocol'
import { DEFAULT_STATE_FOLDER, stateFolder } from '../base/state-folder.ts'
import { type AgentStatus, type Liveness, livenessOf, statusFile } from '../base/status-file.ts'
import { type CommandInput, textOption } from './command-input.ts'
import type { Messages } from './messages.ts'
import { alignColumns, foldText, printable } from './table.ts'

const exitNotRunning = 3

export async function status(input: CommandInput): Promise<number> {
  const { say, values } = input
  const folder = stateFolder(resolve(textOption(input, 'state') ?? DEFAULT_STATE_FOLDER))
  const found = await statusFile.peek(folder.statusFile)
  if (found === null || found === 'damaged') {
    const text = found === 'damaged' ? say.unread(folder.statusFile) : say.neverRan(folder.root)
    process.stdout.write(
      values['json'] === true
        ? `${JSON.stringify({ liveness: 'not-running', status: null })}\n`
        : `${text}\n`,
    )
    return exitNotRunning
  }
  const now = Date.now()
  const liveness = livenessOf(found, now)
  const isWell = liveness === 'running' && found.journal.writeFault === null
  if (values['json'] === true)
    process.stdout.write(`${JSON.stringify({ liveness, isWell, status: found })}\n`)
  else
    process.stdout.write(
      `${statusLines(found, { liveness, now, say, columns: process.stdout.columns ?? 100 }).join('\n')}\n`,
    )
  if (liveness === 'stopped' || liveness === 'not-running') return exitNotRunning
  return isWell ? 0 : 1
}

/** Returns the lines that a terminal shows. Pure. */
export function statusLines(
  found: AgentStatus,
  view: {
    readonly liveness: Liveness
    readonly now: number
    readonly say: Messages
    readonly columns: number
  },
): string[] {
  const { say } = view
  const { labels } = say
  const facts = alignColumns([
    [labels.agent, `${livenessText(found, view.liveness, say)}${say.separator}${found.agentVersion}`],
    [labels.computer, `${printable(found.computer)} (${found.agent})`],
    [labels.console, `${printable(found.console)}  ${linkText(found, view.liveness, say)}`],
    [labels.journal, journalText(found, say)],
    [
      labels.policy,
      `${say.policyLine({ ...found.policy, mode: found.policy.networkMode })}${say.separator}${say.modes(found.policy.modes)}`,
    ],
    ...(found.network === undefined || found.network === null
      ? []
      : [[labels.network, networkText(found.network, say)]]),
    [labels.written, say.since(Math.max(0, Math.round((view.now - found.writtenAtMs) / 1_000)))],
  ])
  return [...facts, '', ...sensorLines(found.coverage, say, view.columns)]
}

function networkText(network: NonNullable<AgentStatus['network']>, say: Messages): string {
  const layers = network.layers.map(({ layer, state, detail }) => {
    const why = detail === null ? '' : ` (${printable(detail)})`
    return `${wordOf(say.layers, layer)} ${wordOf(say.layerStates, state)}${why}`
  })
  return [
    say.networkMode(network.mode),
    ...(network.isIsolated ? [say.isolated(printable(network.isolationReason ?? ''))] : []),
    ...layers,
    say.networkConditions(network.conditions),
  ].join(say.separator)
}

/** A newer agent may have written a word that this one has none for. */
function wordOf(words: Readonly<Record<string, string>>, word: string): string {
  return words[word] ?? printable(word)
}

function sensorLines(coverage: readonly Coverage[], say: Messages, columns: number): string[] {
  if (coverage.length === 0) return [say.noSensors]
  const rows = coverage.map(({ sensor, state, method }) => [
    say.sensors[sensor],
    say.states[state],
    printable(method),
  ])
  const [heading = '', ...lines] = alignColumns([say.sensorsHeading, ...rows])
  return [
    heading,
    ...lines.flatMap((line, index) => {
      const { reason, remedy } = coverage[index] ?? { reason: null, remedy: null }
      const notes = [reason, remedy].filter((note) => note !== null)
      return [
        line,
        ...notes
          .flatMap((note) => foldText(printable(note), Math.max(40, columns - 4)))
          .map((text) => `    ${text}`),
      ]
    }),
  ]
}

function livenessText(found: AgentStatus, liveness: Liveness, say: Messages): string {
  switch (liveness) {
    case 'running':
      return say.running(found.pid)
    case 'hanging':
      return say.hanging
    case 'stopped':
      return say.stoppedCleanly
    case 'not-running':
      return say.notRunning
  }
}

function linkText({ link }: AgentStatus, liveness: Liveness, say: Messages): string {
  if (liveness === 'stopped' || liveness === 'not-running') return say.phases['stopped'] ?? ''
  const phase = say.phases[link.phase] ?? link.phase
  if (link.trouble === null || link.phase === 'streaming') return phase
  const who = link.trouble.needsSomebody ? `${say.separator}${say.needsSomebody}` : ''
  return `${phase}: ${printable(link.trouble.message)} (${printable(link.trouble.code)})${who}`
}

function journalText({ journal }: AgentStatus, say: Messages): string {
  const share = `${((100 * journal.bytes) / Math.max(1, journal.bytesMax)).toFixed(1)} %`
  return [
    say.journalLine({ seq: journal.seq, acked: journal.ackedSeq }),
    say.ofQuota(share),
    ...(journal.writeFault === null ? [] : [say.journalFault(printable(journal.writeFault))]),
    ...(journal.waitingRecords === 0 ? [] : [say.journalWaiting(journal.waitingRecords)]),
    ...(journal.lost === 0 ? [] : [say.journalLost(journal.lost)]),
    ...(journal.gaps === 0 ? [] : [say.journalGaps(journal.gaps)]),
  ].join(say.separator)
}
