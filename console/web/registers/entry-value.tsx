/** One value of an entry in the reader's words, by its kind's definition. */
import { LEVELS } from '@shoukou/protocol/levels.ts'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { isPresence, isTexts } from '../../ledger/check-entry.ts'
import { type Field, isEmpty, type Kind, type Words } from '../../ledger/fields.ts'
import { useText } from '../i18n/use-text.ts'
import { formatCount, formatIsoDay } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'

/** Returns the words in force of a definition. */
export function useWords(): (words: Words) => string {
  const { language } = useText()
  return (words) => (language === 'zh-CN' ? words.zh : words.en)
}

/** Returns what a field is called, own or core. */
export function fieldWords(kind: Kind, key: string): Words {
  const core = kind.coreWords[key as keyof Kind['coreWords']]
  return core ?? kind.fields.find((one) => one.key === key)?.words ?? { zh: key, en: key }
}

interface Props {
  readonly kind: Kind
  readonly field: string
  readonly value: unknown
}

export function EntryValue({ kind, field: key, value }: Props): ReactNode {
  const { t } = useText()
  const say = useWords()
  if (isEmpty(value)) return <span className="muted">{t('value.none')}</span>
  if (key === 'state') {
    const state = kind.states.find((one) => one.key === value)
    return state === undefined ? <bdi>{String(value)}</bdi> : say(state.words)
  }
  const level = LEVELS.find((one) => one === value)
  if (key === 'level' && level !== undefined) return <LevelTag level={level} />
  const field = kind.fields.find((one) => one.key === key)
  if (field === undefined) return <bdi>{plain(value)}</bdi>
  return <FieldValueView field={field} value={value} />
}

function FieldValueView({ field, value }: { readonly field: Field; readonly value: unknown }): ReactNode {
  const { t, language } = useText()
  const say = useWords()
  switch (field.type) {
    case 'choice': {
      const option = field.options.find((one) => one.value === value)
      return option === undefined ? <bdi>{plain(value)}</bdi> : say(option.words)
    }
    case 'flag':
      return value === true ? t('registers.yes') : t('registers.no')
    case 'presence':
      return isPresence(value) ? (
        <span className={`presence presence-${value.is}`}>
          {t(`registers.presence.${value.is}`)}
          {value.date !== null && <span className="muted"> {formatIsoDay(value.date, language)}</span>}
        </span>
      ) : (
        <bdi>{plain(value)}</bdi>
      )
    case 'link':
      return isTexts(value) ? (
        <span className="value-links">
          {value.map((number) => (
            <Link key={number} to={`/registers/${field.to}/${encodeURIComponent(number)}`}>
              <bdi className="mono">{number}</bdi>
            </Link>
          ))}
        </span>
      ) : (
        <bdi>{plain(value)}</bdi>
      )
    case 'list':
      return isTexts(value) ? (
        <span className="value-lines">
          {value.map((one) => (
            <bdi key={one} className={field.form === 'text' || field.form === 'day' ? '' : 'mono'}>
              {field.form === 'day' ? formatIsoDay(one, language) : one}
            </bdi>
          ))}
        </span>
      ) : (
        <bdi>{plain(value)}</bdi>
      )
    case 'day':
      return <bdi>{formatIsoDay(plain(value), language)}</bdi>
    case 'count':
      return <bdi>{typeof value === 'number' ? formatCount(value, language) : plain(value)}</bdi>
    case 'level': {
      const level = LEVELS.find((one) => one === value)
      return level === undefined ? <bdi>{plain(value)}</bdi> : <LevelTag level={level} />
    }
    case 'text':
      return <bdi className={field.isCode === true ? 'mono' : ''}>{plain(value)}</bdi>
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
