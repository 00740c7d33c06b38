/** Chooses a medium among those that are plugged into a computer now: first the computer, then the medium. */
import { useQuery } from '@tanstack/react-query'
import { Button, Radio, Select } from 'antd'
import type { ReactNode } from 'react'
import type { SeenMedium } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { seenMediaQuery } from '../server/media-queries.ts'
import { computerNamesQuery } from '../server/queries.ts'
import { QueryError } from '../show/query-states.tsx'
import { PassportBrief } from './medium-words.tsx'

interface Props {
  readonly agent: string | null
  readonly onAgent: (agent: string) => void
  readonly chosen: SeenMedium | null
  readonly onChoose: (seen: SeenMedium) => void
  /** Which of them can be chosen at all. */
  readonly accept: (seen: SeenMedium) => boolean
}

export function SeenPicker({ agent, onAgent, chosen, onChoose, accept }: Props): ReactNode {
  const { t } = useText()
  const computers = useQuery(computerNamesQuery).data?.computers ?? []
  return (
    <div className="seen-picker">
      <label>
        <span>{t('seen.where')}</span>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('seen.choose-computer')}
          aria-label={t('seen.where')}
          data-testid="seen-computer"
          value={agent}
          onChange={(next: string) => onAgent(next)}
          options={computers.map((one) => ({ value: one.agent, label: one.number }))}
        />
      </label>
      {agent !== null && <Present agent={agent} chosen={chosen} onChoose={onChoose} accept={accept} />}
    </div>
  )
}

function Present({
  agent,
  chosen,
  onChoose,
  accept,
}: Pick<Props, 'chosen' | 'onChoose' | 'accept'> & { readonly agent: string }): ReactNode {
  const { t } = useText()
  const query = useQuery({ ...seenMediaQuery(agent), refetchInterval: 3_000 })
  if (query.data === undefined) return <QueryError query={query} />
  const present = query.data.media.filter((one) => one.isPresent && accept(one))
  if (present.length === 0)
    return (
      <p className="muted seen-none">
        {t('seen.none-present')}{' '}
        <Button size="small" onClick={() => void query.refetch()}>
          {t('records.refresh')}
        </Button>
      </p>
    )
  return (
    <Radio.Group
      className="seen-choices"
      aria-label={t('seen.choices')}
      value={chosen?.instance ?? null}
      onChange={(event) => {
        const seen = present.find((one) => one.instance === event.target.value)
        if (seen !== undefined) onChoose(seen)
      }}
    >
      {present.map((one) => (
        <Radio key={one.instance} value={one.instance} data-testid="seen-choice">
          {one.passport === null ? t('seen.not-examined') : <PassportBrief passport={one.passport} />}
          {one.number !== null && <bdi className="mono seen-number">{one.number}</bdi>}
          {one.isStation && <span className="required">{t('seen.station')}</span>}
        </Radio>
      ))}
    </Radio.Group>
  )
}
