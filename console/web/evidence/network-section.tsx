/** One part of the evidence that the network's records hold, in its own form under its name. */
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { FlowsTable } from '../network/flows-table.tsx'
import { InterfacesTable } from '../network/interfaces-table.tsx'
import { ProgramView } from '../network/network-words.tsx'
import { PictureFold } from '../network/picture-view.tsx'
import { RoutesTable } from '../network/routes-table.tsx'
import { TracesTable } from '../network/traces-table.tsx'
import { useFirstRows } from '../show/first-rows.tsx'
import { RawTextView } from '../show/raw-text-view.tsx'
import { FoundView } from './found-view.tsx'
import type { Difference, NetworkView } from './network-views.ts'

interface Props {
  readonly title: string
  readonly view: NetworkView
}

export function NetworkSection({ title, view }: Props): ReactNode {
  if (view.kind === 'found') return <FoundView found={view.found} />
  return (
    <section className="evidence-network">
      {/* The fold's own line says what it is. */}
      {view.kind !== 'picture' && <h4>{title}</h4>}
      <Content view={view} />
    </section>
  )
}

function Content({ view }: { readonly view: Exclude<NetworkView, { kind: 'found' }> }): ReactNode {
  switch (view.kind) {
    case 'picture':
      return <PictureFold picture={view.picture} />
    case 'program':
      return <ProgramView program={view.program} />
    case 'flows':
      return <FlowsTable flows={view.flows} />
    case 'traces':
      return <TracesTable traces={view.traces} />
    case 'interfaces':
      return <InterfacesTable interfaces={view.interfaces} />
    case 'routes':
      return <RoutesTable routes={view.routes} neighbours={[]} />
    case 'differences':
      return <Differences differences={view.differences} />
  }
}

/** What stood before and what stands now; one side empty is said in a word. */
function Differences({ differences }: { readonly differences: readonly Difference[] }): ReactNode {
  const { t } = useText()
  const { rows, more } = useFirstRows(differences)
  return (
    <>
      <table className="grid-table" data-testid="differences">
        <thead>
          <tr>
            <th scope="col">{t('diff.what')}</th>
            <th scope="col">{t('net.interface')}</th>
            <th scope="col">{t('diff.before')}</th>
            <th scope="col">{t('diff.after')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <tr key={at}>
              <th scope="row">{t(`value.what.${one.what}`)}</th>
              <td>{one.interfaceName === null ? '—' : <RawTextView text={one.interfaceName} isPlain />}</td>
              <td>
                {one.before === null ? (
                  <span className="muted">{t('diff.came')}</span>
                ) : (
                  <RawTextView text={one.before} isPlain />
                )}
              </td>
              <td>
                {one.after === null ? (
                  <span className="muted">{t('diff.went')}</span>
                ) : (
                  <RawTextView text={one.after} isPlain />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  )
}
