/** The filter over the work list: all of it in the address. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Segmented, Select } from 'antd'
import type { ReactNode } from 'react'
import type { FindingKind } from '../../ledger/reality.ts'
import { useText } from '../i18n/use-text.ts'
import { departmentTreeQuery } from '../server/register-queries.ts'
import {
  type FindingsView,
  findingSeverities,
  findingSorts,
  findingStates,
  isFindingsFiltered,
  kindsInOrder,
  plainFindings,
} from './findings-address.ts'

interface Props {
  readonly view: FindingsView
  readonly kinds: readonly { readonly kind: string; readonly count: number }[]
  readonly onChange: (view: FindingsView) => void
}

const newest = 'newest' as const

export function FindingsFilter({ view, kinds, onChange }: Props): ReactNode {
  const { t } = useText()
  const tree = useQuery(departmentTreeQuery).data
  const departments = [...(tree?.departments.map(({ name }) => name) ?? []), ...(tree?.unlisted ?? [])]
  const counts = new Map(kinds.map(({ kind, count }) => [kind, count]))
  return (
    <search className="media-filter" aria-label={t('media.filter')}>
      <div className="findings-filter">
        <Segmented
          aria-label={t('medium.state')}
          value={view.state}
          onChange={(state) => onChange({ ...view, state })}
          options={findingStates.map((value) => ({ value, label: t(`findings.state.${value}`) }))}
          data-testid="findings-state"
        />
        <Input.Search
          allowClear
          key={view.search}
          defaultValue={view.search}
          placeholder={t('findings.search')}
          aria-label={t('findings.search')}
          maxLength={100}
          onSearch={(search) => onChange({ ...view, search: search.trim() })}
          data-testid="findings-search"
        />
        <Select<FindingKind[]>
          mode="multiple"
          allowClear
          maxTagCount="responsive"
          className="findings-kinds"
          placeholder={t('findings.kind')}
          aria-label={t('findings.kind')}
          popupMatchSelectWidth={false}
          value={[...view.kind]}
          onChange={(kind) => onChange({ ...view, kind })}
          options={kindsInOrder.map((value) => ({
            value,
            label: `${t(`findings.name.${value}`)} (${counts.get(value) ?? 0})`,
          }))}
          showSearch={false}
          data-testid="findings-kind"
        />
        <Select
          allowClear
          placeholder={t('findings.severity')}
          aria-label={t('findings.severity')}
          popupMatchSelectWidth={false}
          value={view.severity[0] ?? null}
          onChange={(severity) =>
            onChange({ ...view, severity: severity === undefined || severity === null ? [] : [severity] })
          }
          options={findingSeverities.map((value) => ({ value, label: t(`severity.${value}`) }))}
        />
        <Select
          allowClear
          showSearch
          placeholder={t('medium.department')}
          aria-label={t('medium.department')}
          popupMatchSelectWidth={false}
          value={view.department}
          onChange={(department) => onChange({ ...view, department: department ?? null })}
          options={departments.map((value) => ({ value, label: value }))}
        />
        <Select
          allowClear
          placeholder={t('findings.who')}
          aria-label={t('findings.who')}
          popupMatchSelectWidth={false}
          value={view.taken}
          onChange={(taken) => onChange({ ...view, taken: taken ?? null })}
          options={(['me', 'nobody'] as const).map((value) => ({ value, label: t(`findings.who.${value}`) }))}
        />
        <Select
          aria-label={t('findings.sort')}
          popupMatchSelectWidth={false}
          value={view.sort === 'since' && view.isDescending ? newest : view.sort}
          onChange={(sort) =>
            onChange(
              sort === newest
                ? { ...view, sort: 'since', isDescending: true }
                : { ...view, sort, isDescending: false },
            )
          }
          options={[...findingSorts, newest].map((value) => ({ value, label: t(`findings.sort.${value}`) }))}
          data-testid="findings-sort"
        />
        {isFindingsFiltered(view) && (
          <Button
            type="link"
            onClick={() =>
              onChange({
                ...plainFindings,
                state: view.state,
                sort: view.sort,
                isDescending: view.isDescending,
              })
            }
          >
            {t('filter.clear')}
          </Button>
        )}
      </div>
    </search>
  )
}
