/** A ceiling in words, for whoever is to sign it; and the draft with a comment over each part. Pure. */
import {
  type Ceiling,
  EXPORT_AFTER_MS_DEFAULT,
  keyIdOf,
  LEVEL_NAMES,
  LEVELS,
  type Level,
  type LevelCeiling,
  type SignedCeiling,
  signersOf,
} from '@shoukou/protocol'
import { parsePrefix } from '@shoukou/protocol/network/addresses.ts'
import { isOfTheInternet } from '../workflows/ceiling/draft-ceiling.ts'

/** Returns the lines of `ceiling show`. */
export function ceilingInWords(signed: SignedCeiling, ceiling: Ceiling): string[] {
  const ids = new Set(
    signersOf(
      signed,
      ceiling.keys.map(({ publicKey }) => publicKey),
    ),
  )
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const signature = (publicKey: string) => (ids.has(keyIdOf(publicKey)) ? 'signed' : 'not signed')
  return [
    `ceiling ${ceiling.version} of ${ceiling.unit}, written ${day(ceiling.issuedAtMs)}`,
    `signatures: ${ids.size} of ${ceiling.threshold} needed`,
    ...ceiling.keys.map(
      ({ publicKey, holder }) => `  ${short(publicKey)}  ${JSON.stringify(holder)}  ${signature(publicKey)}`,
    ),
    'daily keys that it vouches for:',
    ...ceiling.dailyKeys.map(
      ({ publicKey, fromMs, untilMs }) => `  ${short(publicKey)}  ${day(fromMs)} to ${day(untilMs)}`,
    ),
    `commands: ${list(ceiling.commands)}`,
    `networks that may be approved: ${list(ceiling.network.within)}`,
    `a computer's level may be changed while it is enrolled: ${yes(ceiling.mayChangeLevel)}`,
    ...LEVELS.flatMap((level) => levelInWords(level, ceiling.levels[level])),
  ]
}

/** Returns what a signer should look at twice. */
export function warningsOf(ceiling: Ceiling): string[] {
  const found: string[] = []
  for (const text of ceiling.network.within) {
    const prefix = parsePrefix(text)
    if (prefix !== null && isOfTheInternet(prefix))
      found.push(`network.within: ${text} reaches the Internet; whoever holds the console may approve it.`)
  }
  if (ceiling.mayChangeLevel)
    found.push(
      'mayChangeLevel: whoever holds the console may choose the weakest of the levels for any computer.',
    )
  for (const level of LEVELS) {
    const allowed = ceiling.levels[level]
    if (allowed === null) continue
    if (allowed.weakest.media === 'observe' || allowed.weakest.network === 'observe')
      found.push(`${level}: media or network may be merely observed; raise "weakest" once computers enforce.`)
    if (allowed.media.byDeviceIds)
      found.push(
        `${level}: media may be registered by what a device says of itself, which anybody can imitate.`,
      )
    if (allowed.peripherals === 'any-serial')
      found.push(`${level}: whole models of peripherals may be approved; "by-serial" is narrower.`)
  }
  const untilMs = Math.max(...ceiling.dailyKeys.map((one) => one.untilMs))
  if (untilMs - ceiling.issuedAtMs > twoYearsMs)
    found.push('dailyKeys: vouched for longer than two years; a stolen key would be good for as long.')
  return found
}

/** Writes a draft: JSON with a line of comment over each part. `ceiling sign` reads it as it is. */
export function writeDraft(ceiling: Ceiling, leftOut: readonly string[]): string {
  const comments: Readonly<Record<string, string>> = {
    version: 'Only rises: an agent never takes an older one.',
    keys: 'Who may sign the next one: each person has a key of his own ("ceiling new-key"), kept off the console.',
    threshold: 'How many of them must sign.',
    dailyKeys: "The console's signing keys, and from when until when (ms since 1970). Keep the span short.",
    commands: 'Commands that may be sent. None of them runs a program or writes a file.',
    network: `Every address that a policy approves must lie in one of these.${
      leftOut.length === 0 ? '' : ` In use and left out, for they reach the Internet: ${leftOut.join(', ')}`
    }`,
    mayChangeLevel: 'Whether an enrolled computer may be given another level. False: it is enrolled anew.',
    levels:
      'What computers of each level may be allowed at most; null: no computer may have the level. weakest: modes may only be stricter.',
  }
  const lines = JSON.stringify(ceiling, null, 2).split('\n')
  return `${lines
    .flatMap((line) => {
      const key = /^ {2}"([A-Za-z]+)":/.exec(line)?.[1] ?? ''
      const comment = comments[key]
      return comment === undefined ? [line] : [`  // ${comment}`, line]
    })
    .join('\n')}\n`
}

const twoYearsMs = 2 * 366 * 86_400_000

function levelInWords(level: Level, allowed: LevelCeiling | null): string[] {
  const name = `${LEVEL_NAMES[level].zh} ${level}`
  if (allowed === null) return [`${name}: no computer may have it`]
  const { weakest, media, grants, limits } = allowed
  return [
    `${name}:`,
    `  at least: media ${weakest.media}, network ${weakest.network}, files ${weakest.files}`,
    `  network: ${list(allowed.networkModes)}; further adapters: ${yes(allowed.furtherInterfaces)}; peripherals: ${allowed.peripherals}`,
    `  media: at most ${media.right}; by device ids: ${yes(media.byDeviceIds)}; roles: ${list(allowed.roles)}`,
    `  temporary rights: at most ${grants.right} for ${grants.minutesMax} minutes`,
    `  must watch: ${list(allowed.requiredSensors)}`,
    `  at most: silent ${limits.silentAfterMsMax} ms, stopped ${limits.stoppedAfterMsMax} ms, clock back ${limits.clockBackMsMax} ms, without a bundle ${limits.exportAfterMsMax ?? EXPORT_AFTER_MS_DEFAULT} ms`,
  ]
}

function short(publicKey: string): string {
  return keyIdOf(publicKey).slice(0, 16)
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

function yes(is: boolean): string {
  return is ? 'yes' : 'no'
}
