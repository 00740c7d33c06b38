/** Why time is proven or not, in words, with the mark of its state: colour is never the only sign. */
import type { ReactNode } from 'react'
import type { CoverageDay, CoverageIntervalItem } from '../../api/contract-coverage.ts'
import type { Text } from '../i18n/use-text.ts'
import { WatchMark } from '../show/watch-mark.tsx'

type State = CoverageIntervalItem['state']
const marks = {
  proven: 'proven',
  unproven: 'unproven',
  broken: 'broken',
  exempt: 'nothing',
  outside: 'nothing',
} as const

export function CauseWord({ state, words }: { readonly state: State; readonly words: string }): ReactNode {
  return <WatchMark state={marks[state]} words={words} />
}

/** Returns the words of a cause and of what it is about. */
export function coverageWords(
  { tryT }: Text,
  { cause, name }: { readonly cause: string; readonly name?: string | null },
): string {
  const words = tryT(`coverage.cause.${cause}`) ?? cause
  if (name === null || name === undefined) return words
  return `${words} · ${tryT(`sensor.${name}`) ?? tryT(`coverage.group.${name}`) ?? name}`
}

/** Returns a day in one sentence: minutes by state, and what took the rest. */
export function dayWords(text: Text, { minutes, causes }: CoverageDay): string {
  const { t } = text
  const counted = minutes.proven + minutes.unproven + minutes.broken + minutes.exempt
  if (counted === 0) return t('coverage.day-outside')
  const late = causes.find(({ cause }) => cause === 'journal')?.minutes ?? 0
  const others = causes.filter(({ cause }) => cause !== 'heard' && cause !== 'journal' && !isOutside(cause))
  const reasons = others.map((one) =>
    t('coverage.cause-minutes', { cause: coverageWords(text, one), count: one.minutes }),
  )
  const key = late > 0 ? 'coverage.day-minutes-late' : 'coverage.day-minutes'
  const head = t(key, { proven: minutes.proven, late, rest: counted - minutes.proven })
  return reasons.length === 0 ? head : `${head}${t('coverage.colon')}${reasons.join(t('timeline.join'))}`
}

function isOutside(cause: string): boolean {
  return cause === 'future' || cause === 'not-enrolled' || cause === 'identity-ended'
}
