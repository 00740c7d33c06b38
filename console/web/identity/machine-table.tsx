/** The machine of a computer against the one that it was enrolled on: each number as a mark, never the number itself. */
import type { ReactNode } from 'react'
import type { IdentityAnswer } from '../../api/contract-identity.ts'
import { useText } from '../i18n/use-text.ts'
import { useFirstRows } from '../show/first-rows.tsx'
import { EmptyNote } from '../show/query-states.tsx'
import { TimeView } from '../show/time-view.tsx'

type Machine = NonNullable<IdentityAnswer['machine']>
type Fact = Machine['facts'][number]

const order = ['product-uuid', 'product-serial', 'board-serial', 'chassis-serial', 'disk', 'adapter']

export function MachineTable({ machine }: { readonly machine: Machine }): ReactNode {
  const { t } = useText()
  const facts = machine.facts.toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part))
  const { rows, more } = useFirstRows(facts)
  return (
    <>
      <p className="identity-note">
        {t(`identity.baseline.${machine.baselineFrom}`)} <TimeView ms={machine.baselineAt} />
        {' · '}
        {t('identity.told')} <TimeView ms={machine.toldAt} />
      </p>
      {facts.length === 0 ? (
        <EmptyNote title={t('identity.machine-empty')}>{t('identity.machine-empty-why')}</EmptyNote>
      ) : (
        <table className="grid-table" data-testid="machine">
          <thead>
            <tr>
              <th scope="col">{t('identity.part')}</th>
              <th scope="col">{t('identity.mark')}</th>
              <th scope="col">{t('identity.compared')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ part, mark, standing }) => (
              <tr key={`${part}.${mark}`} data-testid="machine-fact" data-standing={standing}>
                <th scope="row">{t(`identity.part.${part}`)}</th>
                <td>
                  <bdi className="mono">{mark}…</bdi>
                </td>
                <td>
                  <span className={`machine-fact machine-${standing}`}>
                    <span aria-hidden="true">{marks[standing]}</span> {t(`identity.standing.${standing}`)}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more}
      <p className="muted identity-note">{t('identity.machine-why')}</p>
    </>
  )
}

const marks: Readonly<Record<Fact['standing'], string>> = { matched: '=', missing: '−', added: '+' }
