/** Whether control of media or of the network is in force: green only where the computer itself said so and is heard now. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Computer } from '../../api/contract.ts'
import { useText } from '../i18n/use-text.ts'
import { policyQuery, recordsQuery } from '../server/queries.ts'
import { useRefetchWith } from '../server/use-refetch-with.ts'
import { useMay } from '../session/session-context.ts'
import { formatTime } from '../show/format.ts'
import { type ControlGroup, type ControlState, controlShown, newestControl } from './control-state.ts'

const kinds = ['control.state'] as const

interface Props {
  readonly computer: Computer
  readonly group: ControlGroup
}

export function ControlMark({ computer, group }: Props): ReactNode {
  const { t, language } = useText()
  const mayReadPolicy = useMay('policy.read')
  const records = useInfiniteQuery(recordsQuery(computer.agent, kinds))
  const policy = useQuery({ ...policyQuery(computer.agent), enabled: mayReadPolicy })
  useRefetchWith(computer.storedSeq, records.refetch)
  useRefetchWith(computer.policyVersion, policy.refetch)
  if (records.data === undefined) return null
  const said = newestControl(
    records.data.pages.flatMap((page) => page.records),
    group,
  )
  const mode = policy.data?.policy.settings.modes[group] ?? null
  const state = controlShown(said, computer.status, mode)
  return (
    <span
      className={`control control-${state}`}
      data-testid={group === 'media' ? 'control-state' : 'network-control-state'}
      data-state={state}
      title={
        said === null
          ? t(group === 'media' ? 'control.never-told' : 'control.network.never-told')
          : t('control.told', {
              state: t(`value.control.${said.fact.state}`),
              time: formatTime(said.at, language),
            })
      }
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        {shapeOf(state)}
      </svg>
      {group === 'media'
        ? t(`control.${state}`)
        : // Alarming stops nothing, and must not sound as if it did.
          t(
            state === 'in-force' && mode === 'alarm'
              ? 'control.network.alarming'
              : `control.network.${state}`,
          )}
    </span>
  )
}

/** A closed lock, one half closed, one open, and none that anybody knows of. */
function shapeOf(state: ControlState): ReactNode {
  const body = <rect x="3" y="7" width="10" height="7" rx="1" />
  switch (state) {
    case 'in-force':
      return (
        <>
          {body}
          <path d="M5 7V5a3 3 0 0 1 6 0v2" />
        </>
      )
    case 'partly':
      return (
        <>
          {body}
          <path d="M5 7V5a3 3 0 0 1 6 0v2M3 14 13 7" />
        </>
      )
    case 'observing':
      return <path d="M1 8s2.500-4.500 7-4.500S15 8 15 8s-2.500 4.500-7 4.500S1 8 1 8zm7-2v4M6 8h4" />
    case 'released':
    case 'not-in-force':
      return (
        <>
          {body}
          <path d="M5 7V4a3 3 0 0 1 6-.500" />
        </>
      )
    case 'unknown':
      return <path d="M3 13 13 3M1 9l8-8M7 15l8-8" />
  }
}
