/** What a finding says, and where its thing stands. Pure but for the words. */
import { LEVELS } from '@shoukou/protocol/levels.ts'
import type { Finding } from '../../api/contract-findings.ts'
import { stateOf } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import type { useText } from '../i18n/use-text.ts'
import { levelWords } from '../show/level-tag.tsx'

type Text = ReturnType<typeof useText>

/** Returns the sentence of a finding, in the reader's language. */
export function findingSentence(finding: Finding, { t, tryT, language }: Text): string {
  const english = language === 'en'
  const told: Record<string, string> = { ...finding.told }
  for (const key of ['registered', 'marked', 'measured']) {
    const level = LEVELS.find((one) => one === told[key])
    if (level !== undefined) told[key] = levelWords(level, english)
  }
  if (finding.place === 'agents' || finding.place === 'computers') {
    const state = told['state']
    if (state === 'none') told['state'] = t('findings.no-entry')
    else if (state !== undefined) {
      const words = stateOf(kindOf('computers'), state).words
      told['state'] = english ? words.en : words.zh
    }
  }
  if (finding.place === 'media' && told['state'] !== undefined)
    told['state'] = tryT(`medium.state.${told['state']}`) ?? told['state']
  if (told['by'] !== undefined) told['by'] = tryT(`findings.mark.${told['by']}`) ?? told['by']
  for (const key of ['registered', 'measured']) {
    const mode = networkModes.find(({ value }) => value === told[key])
    if (told['what'] === 'network-mode' && mode !== undefined)
      told[key] = english ? mode.words.en : mode.words.zh
  }
  if (told['personState'] !== undefined) {
    const { words } = stateOf(kindOf('people'), told['personState'])
    told['personState'] = english ? words.en : words.zh
  }
  if (isDifference(finding.kind))
    return tryT(`findings.says.${told['what']}`, told) ?? t(`findings.name.${finding.kind}`)
  const kind =
    finding.kind === 'medium-unseen' && told['seen'] === 'never' ? 'medium-never-seen' : finding.kind
  return t(`findings.says.${kind}`, told)
}

/** Said by what differs, not by the kind. */
function isDifference(kind: Finding['kind']): kind is 'disk-differs' | 'card-differs' | 'setup-differs' {
  return kind === 'disk-differs' || kind === 'card-differs' || kind === 'setup-differs'
}

const networkModes = kindOf('computers').fields.flatMap((field) =>
  field.key === 'networkMode' && field.type === 'choice' ? field.options : [],
)

/** Returns the address of the entry, or of what agents told; null where there is no page of it. */
export function findingAddress({ place, number, told }: Finding): string | null {
  const name = encodeURIComponent(number)
  switch (place) {
    case 'media':
      return `/media/${name}`
    case 'agents':
      return `/computers/${encodeURIComponent(told['agent'] ?? '')}/register`
    case 'sightings':
      return null
    case 'computers':
    case 'machines':
    case 'people':
    case 'carriers':
      return `/registers/${place}/${name}`
  }
}
