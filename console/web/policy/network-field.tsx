/** The network of a policy: what is done about it, and the rules of what may be reached and by whom. */
import type { NetworkRules, PolicySettings } from '@shoukou/protocol'
import { Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'
import { AddressListField } from './address-list-field.tsx'
import { emptyNetworkRules, type NetworkFault } from './network-draft.ts'
import { FieldFaults } from './network-faults.tsx'
import { NetworkModeField } from './network-mode-field.tsx'
import { DestinationRows, GatewayRows, ListenerRows } from './network-rows.tsx'
import { ProbeField } from './probe-field.tsx'
import type { FieldProps } from './setting-fields.tsx'

const TakeoverDialog = lazy(async () => ({
  default: (await import('./takeover-dialog.tsx')).TakeoverDialog,
}))

/** Bounds of the protocol's schema. */
const prefixesMax = 256
const serversMax = 32

interface Props extends FieldProps {
  readonly agent: string
  readonly number: string
  readonly faults: readonly NetworkFault[]
  /** Rules that are not there at all are something else than empty ones. */
  readonly onRemove: () => void
}

export function NetworkField(props: Props): ReactNode {
  const { t } = useText()
  const { settings, onChange, isReadOnly, faults } = props
  const mayReadNetwork = useMay('network.read')
  const [isTaking, setTaking] = useState(false)
  const rules = settings.network
  return (
    <section className="panel network-rules" aria-labelledby="policy-network" data-testid="policy-network">
      <div>
        <div className="panel-head">
          <h2 id="policy-network">{t('policy.network-title')}</h2>
          {!isReadOnly && (
            <span className="head-actions">
              {mayReadNetwork && (
                <Button size="small" onClick={() => setTaking(true)} data-testid="takeover">
                  {t('policy.takeover')}
                </Button>
              )}
              <SetButton {...props} />
            </span>
          )}
        </div>
        <NetworkModeField settings={settings} onChange={onChange} isReadOnly={isReadOnly} />
        <FieldFaults list="mode" faults={faults} />
      </div>
      {rules === undefined ? (
        <p className="muted" data-testid="network-unset">
          {t(
            settings.networkMode === 'standalone'
              ? 'policy.network-unset-standalone'
              : 'policy.network-unset',
          )}
        </p>
      ) : (
        <Rules {...props} rules={rules} />
      )}
      <Suspense>
        {isTaking && (
          <TakeoverDialog
            agent={props.agent}
            number={props.number}
            rules={rules ?? emptyNetworkRules}
            onTake={(network) => {
              onChange({ network })
              setTaking(false)
            }}
            onClose={() => setTaking(false)}
          />
        )}
      </Suspense>
    </section>
  )
}

function SetButton({ settings, onChange, onRemove }: Props): ReactNode {
  const { t } = useText()
  if (settings.network === undefined) {
    return (
      <Button size="small" onClick={() => onChange({ network: emptyNetworkRules })} data-testid="network-set">
        {t('policy.network-set')}
      </Button>
    )
  }
  const isNeeded = settings.modes.network !== 'observe'
  return (
    <Button
      size="small"
      disabled={isNeeded}
      title={isNeeded ? t('policy.network-unset-blocked') : ''}
      onClick={onRemove}
      data-testid="network-unset-do"
    >
      {t('policy.network-unset-do')}
    </Button>
  )
}

function Rules({
  settings,
  rules,
  onChange,
  isReadOnly,
  faults,
}: Props & { readonly rules: NetworkRules }): ReactNode {
  const { t } = useText()
  const change = (part: Partial<NetworkRules>) => onChange({ network: { ...rules, ...part } })
  const shared = { rules, faults, isReadOnly, onChange: change }
  return (
    <>
      <div className="enforce-note">
        <p>{t('policy.network-always')}</p>
        {isCutOff(settings) && <p className="note">{t('policy.network-nothing')}</p>}
      </div>
      <AddressListField
        title={t('policy.prefixes')}
        hint={t('policy.prefixes-why')}
        list="prefixes"
        items={rules.prefixes}
        itemsMax={prefixesMax}
        label={t('policy.prefix')}
        example="10.1.0.0/16"
        addLabel={t('policy.prefix-add')}
        noneLabel={t('policy.prefixes-none')}
        faults={faults}
        isReadOnly={isReadOnly}
        onChange={(prefixes) => change({ prefixes })}
      />
      <DestinationRows {...shared} />
      <ListenerRows {...shared} />
      <GatewayRows {...shared} />
      <div className="server-columns">
        {(['dnsServers', 'dhcpServers'] as const).map((list) => (
          <AddressListField
            key={list}
            title={t(list === 'dnsServers' ? 'policy.dns' : 'policy.dhcp')}
            list={list}
            items={rules[list]}
            itemsMax={serversMax}
            label={t(list === 'dnsServers' ? 'policy.dns' : 'policy.dhcp')}
            example="10.1.0.53"
            addLabel={t('policy.server-add')}
            noneLabel={t('policy.servers-none')}
            faults={faults}
            isReadOnly={isReadOnly}
            onChange={(items) => change({ [list]: items })}
          />
        ))}
      </div>
      <ProbeField
        probe={rules.probe}
        faults={faults}
        isReadOnly={isReadOnly}
        onChange={(probe) => change({ probe })}
      />
    </>
  )
}

/** Enforcing, with nothing approved, on a computer that is meant to have a network: likely an oversight. */
function isCutOff({ modes, networkMode, network }: PolicySettings): boolean {
  return modes.network === 'enforce' && networkMode === 'classified-lan' && network?.destinations.length === 0
}
