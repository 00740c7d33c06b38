/** The filter over a register: choices to add, chips to remove, all of it in the address. */
import { LEVEL_NAMES } from '@shoukou/protocol/levels.ts'
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Select, Tag } from 'antd'
import type { ReactNode } from 'react'
import { type Kind, stateOf } from '../../ledger/fields.ts'
import { useText } from '../i18n/use-text.ts'
import { departmentTreeQuery } from '../server/register-queries.ts'
import { levelWords } from '../show/level-tag.tsx'
import { levels } from '../violations/filter-address.ts'
import { useWords } from './entry-value.tsx'
import { isFiltered, plainView, type RegisterView } from './register-address.ts'

interface Props {
  readonly kind: Kind
  readonly view: RegisterView
  readonly onChange: (view: RegisterView) => void
}

export function RegisterFilterBar({ kind, view, onChange }: Props): ReactNode {
  const { t, language } = useText()
  const say = useWords()
  const isEnglish = language === 'en'
  const tree = useQuery(departmentTreeQuery).data
  const departments = [...(tree?.departments.map(({ name }) => name) ?? []), ...(tree?.unlisted ?? [])]
  return (
    <search className="media-filter" aria-label={t('media.filter')}>
      <div className="media-filter-choices">
        <Input.Search
          allowClear
          key={view.search}
          defaultValue={view.search}
          placeholder={t('registers.search')}
          aria-label={t('registers.search')}
          maxLength={100}
          onSearch={(search) => onChange({ ...view, search: search.trim() })}
          data-testid="register-search"
        />
        <Select
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={say(kind.coreWords.state)}
          placeholder={say(kind.coreWords.state)}
          aria-label={say(kind.coreWords.state)}
          popupMatchSelectWidth={false}
          data-testid="filter-state"
          value={[...view.state]}
          onChange={(state) => onChange({ ...view, state })}
          options={kind.states.map(({ key, words }) => ({ value: key, label: say(words) }))}
          showSearch={false}
        />
        <Select
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={t('filter.level')}
          placeholder={t('filter.level')}
          aria-label={t('filter.level')}
          popupMatchSelectWidth={false}
          value={[...view.level]}
          onChange={(level) => onChange({ ...view, level })}
          options={levels.map((one) => ({ value: one, label: levelWords(one, isEnglish) }))}
          showSearch={false}
        />
        <Select
          showSearch
          placeholder={say(kind.coreWords.department)}
          aria-label={say(kind.coreWords.department)}
          popupMatchSelectWidth={false}
          data-testid="filter-department"
          // What is chosen stands in the chips below, like that of the others.
          value={null}
          onChange={(department) => onChange({ ...view, department })}
          options={departments.map((value) => ({ value, label: value }))}
        />
      </div>
      {isFiltered(view) && (
        <div className="v-chips">
          {chipsOf(kind, view).map((chip) => {
            const words = chip.level === undefined ? say(chip.words) : levelName(chip.level, isEnglish)
            return (
              <Tag key={chip.key} className="v-chip">
                <bdi>{words}</bdi>
                <button
                  type="button"
                  className="v-chip-remove"
                  aria-label={t('filter.remove', { name: words })}
                  onClick={() => onChange(chip.without)}
                >
                  ×
                </button>
              </Tag>
            )
          })}
          <Button
            type="link"
            size="small"
            onClick={() => onChange({ ...plainView, sort: view.sort, order: view.order })}
            data-testid="filter-clear"
          >
            {t('filter.clear')}
          </Button>
        </div>
      )}
    </search>
  )
}

interface Chip {
  readonly key: string
  readonly words: { readonly zh: string; readonly en: string }
  readonly level?: RegisterView['level'][number]
  readonly without: RegisterView
}

function chipsOf(kind: Kind, view: RegisterView): readonly Chip[] {
  const same = (text: string) => ({ zh: text, en: text })
  return [
    ...view.state.map((one) => ({
      key: `state-${one}`,
      words: stateOf(kind, one).words,
      without: { ...view, state: view.state.filter((other) => other !== one) },
    })),
    ...view.level.map((one) => ({
      key: `level-${one}`,
      words: LEVEL_NAMES[one],
      level: one,
      without: { ...view, level: view.level.filter((other) => other !== one) },
    })),
    ...(view.department === null
      ? []
      : [{ key: 'department', words: same(view.department), without: { ...view, department: null } }]),
    ...(view.custodian === null
      ? []
      : [{ key: 'custodian', words: same(view.custodian), without: { ...view, custodian: null } }]),
    ...(view.search === ''
      ? []
      : [{ key: 'search', words: same(`“${view.search}”`), without: { ...view, search: '' } }]),
  ]
}

function levelName(level: RegisterView['level'][number], isEnglish: boolean): string {
  return isEnglish ? levelWords(level, true) : LEVEL_NAMES[level].zh
}
