/** Which entries are printed: those of the address's filter, or by number; each can be left out. */
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Input, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Printable } from '../../api/contract-prints.ts'
import { LABELS_MAX } from '../../ledger/label-layout.ts'
import type { PrintKind } from '../../ledger/print-mark.ts'
import { useText } from '../i18n/use-text.ts'
import { printableQuery } from '../server/print-queries.ts'
import { formatList } from '../show/format.ts'
import { LevelTag } from '../show/level-tag.tsx'
import { QueryError, RowsSkeleton } from '../show/query-states.tsx'
import { numbersIn, type PrintChoice, printableQueryOf } from './print-address.ts'

interface Props {
  readonly choice: PrintChoice
  readonly kinds: readonly PrintKind[]
  readonly onChange: (choice: PrintChoice) => void
}

export function ChooseEntries({ choice, kinds, onChange }: Props): ReactNode {
  const { t, language } = useText()
  const query = useQuery(printableQuery(choice.kind, printableQueryOf(choice)))
  const [typed, setTyped] = useState('')
  const found = query.data?.entries ?? []
  // Entries that were left out stay in the list while the page is open, so that they can be taken back.
  const [listed, setListed] = useState<readonly Printable[]>([])
  const shown = [
    ...listed.filter((one) => one.kind === choice.kind),
    ...found.filter((one) => !listed.some(({ kind, number }) => kind === one.kind && number === one.number)),
  ]
  const chosen = new Set(found.map(({ number }) => number))
  const choose = (numbers: readonly string[]) => {
    setListed(shown)
    onChange({ ...choice, numbers })
  }
  const add = () => {
    const numbers = numbersIn(typed)
    if (numbers.length === 0) return
    choose([...new Set([...(choice.numbers ?? []), ...numbers])])
    setTyped('')
  }
  return (
    <section className="panel no-sheet" aria-labelledby="prints-choose">
      <h2 id="prints-choose">{t('prints.choose')}</h2>
      <label className="prints-field">
        <span className="prints-label">{t('prints.kind')}</span>
        <Select<PrintKind>
          value={choice.kind}
          options={kinds.map((value) => ({ value, label: t(`prints.kind.${value}`) }))}
          onChange={(kind) => onChange({ ...choice, kind, numbers: null, filter: {} })}
          data-testid="prints-kind"
        />
      </label>
      <div className="prints-field">
        <span className="prints-label">{t('prints.numbers')}</span>
        <div className="prints-find">
          <Input
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
            onPressEnter={add}
            placeholder={t('prints.numbers-how')}
            aria-label={t('prints.numbers')}
            data-testid="prints-numbers"
          />
          <Button onClick={add}>{t('prints.add')}</Button>
        </div>
      </div>
      <QueryError query={query} />
      {query.isPending && !query.isError && <RowsSkeleton rows={3} />}
      {query.data?.isCut === true && (
        <Alert type="warning" className="gap-below" title={t('prints.too-many', { max: LABELS_MAX })} />
      )}
      {(query.data?.unknown.length ?? 0) > 0 && (
        <Alert
          type="warning"
          className="gap-below"
          title={t('prints.unknown', { numbers: formatList(query.data?.unknown ?? [], language) })}
        />
      )}
      {query.isSuccess && shown.length === 0 && <p className="muted">{t('prints.choose-none')}</p>}
      {shown.length > 0 && (
        <ul className="prints-choose">
          {shown.map((one) => (
            <li key={one.number}>
              <Checkbox
                checked={chosen.has(one.number)}
                onChange={({ target }) =>
                  choose(
                    shown
                      .map(({ number }) => number)
                      .filter((number) => (number === one.number ? target.checked : chosen.has(number))),
                  )
                }
              >
                <bdi className="mono">{one.number}</bdi>{' '}
                {one.level !== null && <LevelTag level={one.level} />} <bdi>{one.custodian}</bdi>
                {one.copies > 0 && (
                  <span className="muted small"> {t('prints.printed-before', { n: one.copies })}</span>
                )}
              </Checkbox>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
