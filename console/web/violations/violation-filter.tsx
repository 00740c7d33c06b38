/** The filter over the list: choices to add, chips to remove, all of it in the address. */

import { LEVEL_NAMES } from '@shoukou/protocol/levels.ts'
import { Button, Select, Tag } from 'antd'
import { memo, type ReactNode, useMemo } from 'react'
import type { ComputerNames } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { levelWords } from '../show/level-tag.tsx'
import { SeverityMark } from '../show/severity-mark.tsx'
import {
  emptyFilter,
  handlingStates,
  isEmptyFilter,
  levels,
  type Span,
  severities,
  spans,
  type ViolationFilter,
} from './filter-address.ts'
import { ruledTypes } from './ruled-types.ts'

interface Props {
  readonly filter: ViolationFilter
  readonly onChange: (filter: ViolationFilter) => void
  readonly computers: ComputerNames['computers']
}

const spanNames = Object.keys(spans) as Span[]

/** What is on or off. */
const moreFilters = {
  'assignee-me': { isMine: true },
  'excepted-yes': { excepted: 'yes' },
  'excepted-no': { excepted: 'no' },
  each: { isEach: true },
} as const satisfies Readonly<Record<string, Partial<ViolationFilter>>>
type More = keyof typeof moreFilters

function moreChips(filter: ViolationFilter): { readonly one: More; readonly without: ViolationFilter }[] {
  return [
    ...(filter.isMine ? [{ one: 'assignee-me' as const, without: { ...filter, isMine: false } }] : []),
    ...(filter.excepted === null
      ? []
      : [{ one: `excepted-${filter.excepted}` as const, without: { ...filter, excepted: null } }]),
    ...(filter.isEach ? [{ one: 'each' as const, without: { ...filter, isEach: false } }] : []),
  ]
}

/** Drawn when what it shows changes, not with each page of rows that comes: eight lists of choices take longer than the rows. */
export const ViolationFilterBar = memo(FilterBar)

function FilterBar({ filter, onChange, computers }: Props): ReactNode {
  const { t, tryT, language } = useText()
  const isEnglish = language === 'en'
  const typeWords = (type: string) => tryT(`violation.type.${type}`) ?? type
  // Of thousands of computers: made when they change, not whenever the list does.
  const departments = useMemo(
    () =>
      [...new Set(computers.flatMap(({ department }) => department ?? []))]
        .toSorted((a, b) => a.localeCompare(b))
        .map((one) => ({ value: one, label: one })),
    [computers],
  )
  const computerOptions = useMemo(
    () => computers.map((one) => ({ value: one.agent, label: one.number })),
    [computers],
  )
  const computerWords = (agent: string) => computers.find((one) => one.agent === agent)?.number ?? agent
  const chips = [
    ...filter.severity.map((one) => ({
      key: `severity-${one}`,
      words: <SeverityMark severity={one} />,
      name: t(`severity.${one}`),
      without: { ...filter, severity: filter.severity.filter((other) => other !== one) },
    })),
    ...filter.type.map((one) => ({
      key: `type-${one}`,
      words: typeWords(one),
      name: typeWords(one),
      without: { ...filter, type: filter.type.filter((other) => other !== one) },
    })),
    ...filter.level.map((one) => ({
      key: `level-${one}`,
      words: levelWords(one, isEnglish),
      name: LEVEL_NAMES[one].zh,
      without: { ...filter, level: filter.level.filter((other) => other !== one) },
    })),
    ...(filter.computer === null
      ? []
      : [
          {
            key: 'computer',
            words: <bdi className="mono">{computerWords(filter.computer)}</bdi>,
            name: computerWords(filter.computer),
            without: { ...filter, computer: null },
          },
        ]),
    ...(filter.span === null
      ? []
      : [
          {
            key: 'time',
            words: t(`span.${filter.span}`),
            name: t(`span.${filter.span}`),
            without: { ...filter, span: null },
          },
        ]),
    ...filter.state.map((one) => ({
      key: `state-${one}`,
      words: t(`handling.state.${one}`),
      name: t(`handling.state.${one}`),
      without: { ...filter, state: filter.state.filter((other) => other !== one) },
    })),
    ...(filter.department === null
      ? []
      : [
          {
            key: 'department',
            words: <bdi>{filter.department}</bdi>,
            name: filter.department,
            without: { ...filter, department: null },
          },
        ]),
    ...moreChips(filter).map(({ one, without }) => ({
      key: one,
      words: t(`list.${one}`),
      name: t(`list.${one}`),
      without,
    })),
  ]
  return (
    <div className="v-filter" role="search" aria-label={t('filter.label')}>
      <div className="v-filter-choices">
        <Select
          size="small"
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={t('filter.severity')}
          placeholder={t('filter.severity')}
          aria-label={t('filter.severity')}
          popupMatchSelectWidth={false}
          data-testid="filter-severity"
          value={[...filter.severity]}
          onChange={(severity) => onChange({ ...filter, severity })}
          options={severities.map((one) => ({ value: one, label: <SeverityMark severity={one} /> }))}
          showSearch={false}
        />
        <Select
          size="small"
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={t('filter.type')}
          placeholder={t('filter.type')}
          aria-label={t('filter.type')}
          popupMatchSelectWidth={false}
          value={[...filter.type]}
          onChange={(type) => onChange({ ...filter, type })}
          options={ruledTypes.map((one) => ({ value: one, label: typeWords(one) }))}
          showSearch={false}
        />
        <Select
          size="small"
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
          size="small"
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('filter.computer')}
          aria-label={t('filter.computer')}
          popupMatchSelectWidth={false}
          // What is chosen stands in the chips below, like that of the others.
          value={null}
          onChange={(computer) => onChange({ ...filter, computer })}
          options={computerOptions}
        />
        <Select
          size="small"
          placeholder={t('filter.time')}
          aria-label={t('filter.time')}
          popupMatchSelectWidth={false}
          value={null}
          onChange={(span) => onChange({ ...filter, span })}
          options={spanNames.map((one) => ({ value: one, label: t(`span.${one}`) }))}
        />
        <Select
          size="small"
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={t('list.state')}
          placeholder={t('list.state')}
          aria-label={t('list.state')}
          popupMatchSelectWidth={false}
          data-testid="filter-state"
          value={[...filter.state]}
          onChange={(state) => onChange({ ...filter, state })}
          options={handlingStates.map((one) => ({ value: one, label: t(`handling.state.${one}`) }))}
          showSearch={false}
        />
        <Select
          size="small"
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('list.department')}
          aria-label={t('list.department')}
          popupMatchSelectWidth={false}
          value={null}
          onChange={(department) => onChange({ ...filter, department })}
          options={departments}
        />
        <Select<More | null>
          size="small"
          placeholder={t('list.more-filters')}
          aria-label={t('list.more-filters')}
          popupMatchSelectWidth={false}
          data-testid="filter-more"
          value={null}
          onChange={(one) => one !== null && onChange({ ...filter, ...moreFilters[one] })}
          options={(Object.keys(moreFilters) as More[]).map((one) => ({
            value: one,
            label: t(`list.${one}`),
          }))}
        />
      </div>
      {!isEmptyFilter(filter) && (
        <div className="v-chips">
          {chips.map((chip) => (
            <Tag key={chip.key} className="v-chip">
              {chip.words}
              <button
                type="button"
                className="v-chip-remove"
                aria-label={t('filter.remove', { name: chip.name })}
                onClick={() => onChange(chip.without)}
              >
                ×
              </button>
            </Tag>
          ))}
          <Button type="link" size="small" onClick={() => onChange(emptyFilter)} data-testid="filter-clear">
            {t('filter.clear')}
          </Button>
        </div>
      )}
    </div>
  )
}
