/** The filter over the register: choices to add, chips to remove, all of it in the address. */
import { LEVEL_NAMES } from '@shoukou/protocol/levels.ts'
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Select, Tag } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { computerNamesQuery } from '../server/queries.ts'
import { levelWords } from '../show/level-tag.tsx'
import { levels } from '../violations/filter-address.ts'
import { emptyMediaFilter, isEmptyMediaFilter, type MediaFilter, mediumStates } from './media-address.ts'

interface Props {
  readonly filter: MediaFilter
  readonly onChange: (filter: MediaFilter) => void
}

export function MediaFilterBar({ filter, onChange }: Props): ReactNode {
  const { t, language } = useText()
  const computers = useQuery(computerNamesQuery).data?.computers ?? []
  const isEnglish = language === 'en'
  const chips = [
    ...filter.state.map((one) => ({
      key: `state-${one}`,
      words: t(`medium.state.${one}`),
      without: { ...filter, state: filter.state.filter((other) => other !== one) },
    })),
    ...filter.level.map((one) => ({
      key: `level-${one}`,
      words: isEnglish ? levelWords(one, true) : LEVEL_NAMES[one].zh,
      without: { ...filter, level: filter.level.filter((other) => other !== one) },
    })),
    ...(filter.computer === null
      ? []
      : [{ key: 'computer', words: filter.computer, without: { ...filter, computer: null } }]),
    ...(filter.search === ''
      ? []
      : [
          {
            key: 'search',
            words: t('media.searched', { text: filter.search }),
            without: { ...filter, search: '' },
          },
        ]),
  ]
  return (
    <div className="media-filter" role="search" aria-label={t('media.filter')}>
      <div className="media-filter-choices">
        <Input.Search
          allowClear
          // What is asked for stands in the address: another address is another search.
          key={filter.search}
          defaultValue={filter.search}
          placeholder={t('media.search')}
          aria-label={t('media.search')}
          maxLength={100}
          onSearch={(search) => onChange({ ...filter, search: search.trim() })}
          data-testid="media-search"
        />
        <Select
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={t('medium.state')}
          placeholder={t('medium.state')}
          aria-label={t('medium.state')}
          popupMatchSelectWidth={false}
          data-testid="filter-state"
          value={[...filter.state]}
          onChange={(state) => onChange({ ...filter, state })}
          options={mediumStates.map((one) => ({ value: one, label: t(`medium.state.${one}`) }))}
          showSearch={false}
        />
        <Select
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={t('filter.level')}
          placeholder={t('filter.level')}
          aria-label={t('filter.level')}
          popupMatchSelectWidth={false}
          value={[...filter.level]}
          onChange={(level) => onChange({ ...filter, level })}
          options={levels.map((one) => ({ value: one, label: levelWords(one, isEnglish) }))}
          showSearch={false}
        />
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('medium.computers')}
          aria-label={t('medium.computers')}
          popupMatchSelectWidth={false}
          // What is chosen stands in the chips below, like that of the others.
          value={null}
          onChange={(computer) => onChange({ ...filter, computer })}
          options={computers.map((one) => ({ value: one.number, label: one.number }))}
        />
      </div>
      {!isEmptyMediaFilter(filter) && (
        <div className="v-chips">
          {chips.map((chip) => (
            <Tag key={chip.key} className="v-chip">
              <bdi>{chip.words}</bdi>
              <button
                type="button"
                className="v-chip-remove"
                aria-label={t('filter.remove', { name: chip.words })}
                onClick={() => onChange(chip.without)}
              >
                ×
              </button>
            </Tag>
          ))}
          <Button
            type="link"
            size="small"
            onClick={() => onChange(emptyMediaFilter)}
            data-testid="filter-clear"
          >
            {t('filter.clear')}
          </Button>
        </div>
      )}
    </div>
  )
}
