/** The form: a draft of the settings, the reason, and what happens when somebody else was quicker. */
import type { PolicySettings } from '@shoukou/protocol'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Input } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import type { PolicyAnswer, PolicyChange } from '../../api/contract.ts'
import { CeilingFaults } from '../ceiling/ceiling-faults.tsx'
import { useText } from '../i18n/use-text.ts'
import { computerQuery, policyHistoryQuery, policyQuery } from '../server/queries.ts'
import { ApiError, request } from '../server/request.ts'
import { errorText } from '../show/error-text.ts'
import { BaselineView } from './baseline-view.tsx'
import { EnforceNote } from './enforce-note.tsx'
import { InterfacesField } from './interfaces-field.tsx'
import { MediaField } from './media-field.tsx'
import { NetworkField } from './network-field.tsx'
import { PeripheralsField } from './peripherals-field.tsx'
import { changedFields, draftFaults, joinPolicies, type PolicyField } from './policy-draft.ts'
import { RolesField } from './roles-field.tsx'
import { LevelField, LimitsField, ModesField, SensorsField } from './setting-fields.tsx'

const reasonCharactersMax = 500

interface Props {
  readonly agent: string
  readonly inForce: PolicyAnswer
  readonly isReadOnly: boolean
}

interface Base {
  readonly version: number
  readonly settings: PolicySettings
}

export function PolicyForm({ agent, inForce, isReadOnly }: Props): ReactNode {
  const text = useText()
  const { t } = text
  const cache = useQueryClient()
  const { message } = App.useApp()
  const current: Base = { version: inForce.policy.version, settings: inForce.policy.settings }
  const [base, setBase] = useState(current)
  const [draft, setDraft] = useState(current.settings)
  const [reason, setReason] = useState('')
  const [conflicts, setConflicts] = useState<readonly PolicyField[]>([])
  const changes = changedFields(base.settings, draft)
  const faults = draftFaults(draft)
  const isBehind = current.version !== base.version

  // Nothing typed yet: the form simply follows what is in force.
  if (isBehind && changes.length === 0) {
    setBase(current)
    setDraft(current.settings)
    setConflicts([])
  }
  useEffect(() => {
    if (changes.length === 0) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [changes.length])

  const save = useMutation({
    mutationFn: (change: PolicyChange) =>
      request<unknown>('PUT', `/api/computers/${encodeURIComponent(agent)}/policy`, change),
    onSuccess: async () => {
      const next = await cache.fetchQuery({ ...policyQuery(agent), staleTime: 0 })
      setBase({ version: next.policy.version, settings: next.policy.settings })
      setDraft(next.policy.settings)
      setReason('')
      setConflicts([])
      void cache.invalidateQueries({ queryKey: policyHistoryQuery(agent).queryKey })
      void cache.invalidateQueries({ queryKey: computerQuery(agent).queryKey })
      void message.success(t('policy.saved', { version: next.policy.version }))
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'edit-conflict') {
        void cache.invalidateQueries({ queryKey: policyQuery(agent).queryKey })
        void cache.invalidateQueries({ queryKey: policyHistoryQuery(agent).queryKey })
      }
    },
  })
  const join = () => {
    const joined = joinPolicies(base.settings, draft, current.settings)
    setBase(current)
    setDraft(joined.settings)
    setConflicts(joined.conflicts)
    save.reset()
  }
  const discard = () => {
    setBase(current)
    setDraft(current.settings)
    setConflicts([])
    save.reset()
  }
  const change = (part: Partial<PolicySettings>) => setDraft((old) => ({ ...old, ...part }))
  const fieldNames = (fields: readonly PolicyField[]) =>
    fields.map((field) => t(`policy.field.${field}`)).join(t('policy.list-join'))
  const isConflict = save.error instanceof ApiError && save.error.code === 'edit-conflict'

  return (
    <form
      className="policy-form"
      data-testid="policy-form"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ baseVersion: base.version, settings: draft, reason: reason.trim() })
      }}
    >
      <fieldset disabled={isReadOnly}>
        <div className="panel">
          <h2>{t('policy.basics')}</h2>
          <LevelField settings={draft} onChange={change} isReadOnly={isReadOnly} />
          <ModesField settings={draft} onChange={change} isReadOnly={isReadOnly} />
          <EnforceNote
            agent={agent}
            baseline={inForce.policy.baseline}
            settings={draft}
            isReadOnly={isReadOnly}
            onApprove={(one) => change({ approvedPeripherals: [one, ...(draft.approvedPeripherals ?? [])] })}
          />
          <h2>{t('policy.field.roles')}</h2>
          <RolesField settings={draft} onChange={change} isReadOnly={isReadOnly} />
        </div>
        <MediaField settings={draft} onChange={change} faults={faults} isReadOnly={isReadOnly} />
        <PeripheralsField settings={draft} onChange={change} faults={faults} isReadOnly={isReadOnly} />
        <InterfacesField settings={draft} onChange={change} faults={faults} isReadOnly={isReadOnly} />
        <NetworkField
          agent={agent}
          number={inForce.policy.computer}
          settings={draft}
          onChange={change}
          faults={faults.filter((fault) => fault.field === 'network')}
          isReadOnly={isReadOnly}
          onRemove={() => setDraft(({ network: _network, ...rest }) => rest)}
        />
        <div className="panel">
          <h2>{t('policy.field.limits')}</h2>
          <LimitsField settings={draft} onChange={change} faults={faults} isReadOnly={isReadOnly} />
          <h2>{t('policy.field.requiredSensors')}</h2>
          <SensorsField settings={draft} onChange={change} isReadOnly={isReadOnly} />
        </div>
        <BaselineView
          baseline={inForce.policy.baseline}
          settings={draft}
          onApprove={(one) => change({ approvedInterfaces: [...draft.approvedInterfaces, one] })}
          isReadOnly={isReadOnly}
        />
      </fieldset>
      {!isReadOnly && <CeilingFaults draft={draft} />}
      {!isReadOnly && (changes.length > 0 || save.isError) && (
        <div className="panel policy-save">
          {(isConflict || isBehind) && changes.length > 0 && (
            <Alert
              type="warning"
              showIcon
              role="alert"
              className="gap-below"
              data-testid="policy-conflict"
              // Until theirs is fetched, what is known as in force is still one's own base: it names nobody.
              title={
                isBehind
                  ? t('policy.conflict', {
                      version: current.version,
                      who: inForce.createdBy,
                      reason: inForce.reason,
                    })
                  : t('error.edit-conflict')
              }
              description={
                isBehind &&
                t('policy.conflict-theirs', {
                  fields: fieldNames(changedFields(base.settings, current.settings)) || t('value.none'),
                })
              }
              action={
                <div className="stack">
                  <Button size="small" type="primary" onClick={join} disabled={!isBehind}>
                    {t('policy.join')}
                  </Button>
                  <Button size="small" onClick={discard} disabled={!isBehind}>
                    {t('policy.take-theirs')}
                  </Button>
                </div>
              }
            />
          )}
          {conflicts.length > 0 && (
            <Alert
              type="info"
              showIcon
              className="gap-below"
              title={t('policy.both-changed', { fields: fieldNames(conflicts) })}
            />
          )}
          {save.isError && !isConflict && (
            <Alert
              type="error"
              showIcon
              role="alert"
              className="gap-below"
              title={errorText(text, save.error)}
            />
          )}
          <p aria-live="polite">
            {changes.length > 0 && t('policy.changes', { fields: fieldNames(changes) })}
            {faults.length > 0 && (
              <span className="fault"> {t('policy.faults', { count: faults.length })}</span>
            )}
          </p>
          <label htmlFor="policy-reason">{t('policy.reason-label')}</label>
          <div className="policy-submit">
            <Input
              id="policy-reason"
              value={reason}
              maxLength={reasonCharactersMax}
              placeholder={t('policy.reason-example')}
              onChange={(event) => setReason(event.target.value)}
              data-testid="policy-reason"
            />
            <Button onClick={discard} disabled={changes.length === 0}>
              {t('policy.discard')}
            </Button>
            <Button
              type="primary"
              htmlType="submit"
              loading={save.isPending}
              disabled={changes.length === 0 || faults.length > 0 || reason.trim() === '' || isBehind}
              data-testid="policy-save"
            >
              {t('policy.save')}
            </Button>
          </div>
        </div>
      )}
    </form>
  )
}
