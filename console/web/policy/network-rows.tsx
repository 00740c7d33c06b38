/** The lists of the network rules that have more than an address: destinations, who may connect here, gateways. */
import type { NetworkRules } from '@shoukou/protocol'
import { Input, Select } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { type NetworkFault, wrongPorts } from './network-draft.ts'
import { FieldFaults, isRowWrong } from './network-faults.tsx'
import { PortsInput } from './ports-input.tsx'
import { RowsField } from './rows-field.tsx'

interface Props {
  readonly rules: NetworkRules
  readonly faults: readonly NetworkFault[]
  readonly isReadOnly: boolean
  readonly onChange: (part: Partial<NetworkRules>) => void
}

const protocols = ['any', 'tcp', 'udp', 'icmp', 'sctp'] as const
const listenerProtocols = ['tcp', 'udp', 'sctp'] as const

export function DestinationRows({ rules, faults, isReadOnly, onChange }: Props): ReactNode {
  const { t } = useText()
  return (
    <div>
      <RowsField
        title={t('policy.destinations')}
        hint={t('policy.destinations-why')}
        addLabel={t('policy.destination-add')}
        addTestId="destination-add"
        noneLabel={t('policy.destinations-none')}
        items={rules.destinations}
        emptyItem={{ prefix: '', protocol: 'tcp', ports: null, note: '' }}
        isReadOnly={isReadOnly}
        columns={[
          { title: t('policy.prefix'), width: 'w-210' },
          { title: t('policy.protocol'), width: 'w-110' },
          { title: t('policy.ports'), width: 'w-160' },
        ]}
        onChange={(destinations) => onChange({ destinations })}
        renderCells={(one, at, set) => [
          <PrefixInput
            key="prefix"
            label={t('policy.prefix')}
            value={one.prefix}
            isWrong={isRowWrong(
              faults,
              'destinations',
              at,
              'prefix',
              'host-bits',
              'prefix-too-wide',
              'twice',
            )}
            isReadOnly={isReadOnly}
            onChange={(prefix) => set({ prefix })}
          />,
          <Select
            key="protocol"
            aria-label={t('policy.protocol')}
            value={one.protocol}
            disabled={isReadOnly}
            // Ports mean nothing to the others: they go with the choice.
            onChange={(protocol) =>
              set(protocol === 'any' || protocol === 'icmp' ? { protocol, ports: null } : { protocol })
            }
            options={protocols.map((value) => ({
              value,
              label: value === 'any' ? t('policy.protocol-any') : value.toUpperCase(),
            }))}
          />,
          one.protocol === 'any' || one.protocol === 'icmp' ? (
            <span key="ports" className="muted">
              {t('policy.ports-all')}
            </span>
          ) : (
            <PortsInput
              key="ports"
              ports={one.ports}
              isWrong={isRowWrong(faults, 'destinations', at, 'ports', 'ports-not')}
              isReadOnly={isReadOnly}
              placeholder={t('policy.ports-all')}
              onChange={(ports) => set({ ports })}
            />
          ),
        ]}
      />
      <FieldFaults list="destinations" faults={faults} />
    </div>
  )
}

export function ListenerRows({ rules, faults, isReadOnly, onChange }: Props): ReactNode {
  const { t } = useText()
  return (
    <div>
      <RowsField
        title={t('policy.listeners')}
        hint={t('policy.listeners-why')}
        addLabel={t('policy.listener-add')}
        addTestId="listener-add"
        noneLabel={t('policy.listeners-none')}
        items={rules.listeners}
        emptyItem={{ prefix: '', protocol: 'tcp', ports: wrongPorts, note: '' }}
        isReadOnly={isReadOnly}
        columns={[
          { title: t('policy.from'), width: 'w-210' },
          { title: t('policy.protocol'), width: 'w-110' },
          { title: t('policy.ports'), width: 'w-160' },
        ]}
        onChange={(listeners) => onChange({ listeners })}
        renderCells={(one, at, set) => [
          <PrefixInput
            key="prefix"
            label={t('policy.from')}
            value={one.prefix}
            isWrong={isRowWrong(faults, 'listeners', at, 'prefix', 'host-bits', 'twice')}
            isReadOnly={isReadOnly}
            onChange={(prefix) => set({ prefix })}
          />,
          <Select
            key="protocol"
            aria-label={t('policy.protocol')}
            value={one.protocol}
            disabled={isReadOnly}
            onChange={(protocol) => set({ protocol })}
            options={listenerProtocols.map((value) => ({ value, label: value.toUpperCase() }))}
          />,
          <PortsInput
            key="ports"
            ports={one.ports.first < 0 ? wrongPorts : one.ports}
            isWrong={isRowWrong(faults, 'listeners', at, 'ports-needed')}
            isReadOnly={isReadOnly}
            placeholder={t('policy.ports-example')}
            onChange={(ports) => set({ ports: ports ?? wrongPorts })}
          />,
        ]}
      />
      <FieldFaults list="listeners" faults={faults} />
    </div>
  )
}

export function GatewayRows({ rules, faults, isReadOnly, onChange }: Props): ReactNode {
  const { t } = useText()
  return (
    <div>
      <RowsField
        title={t('policy.gateways')}
        hint={t('policy.gateways-why')}
        addLabel={t('policy.gateway-add')}
        addTestId="gateway-add"
        noneLabel={t('policy.gateways-none')}
        items={rules.gateways}
        emptyItem={{ address: '', mac: null, note: '' }}
        isReadOnly={isReadOnly}
        columns={[
          { title: t('policy.address'), width: 'w-210' },
          { title: 'MAC', width: 'w-210' },
        ]}
        onChange={(gateways) => onChange({ gateways })}
        renderCells={(one, at, set) => [
          <Input
            key="address"
            aria-label={t('policy.address')}
            className="mono"
            dir="ltr"
            maxLength={45}
            placeholder="10.1.0.1"
            value={one.address}
            readOnly={isReadOnly}
            {...(isRowWrong(faults, 'gateways', at, 'address', 'twice') ? { status: 'error' as const } : {})}
            onChange={(event) => set({ address: event.target.value.trim() })}
          />,
          <Input
            key="mac"
            aria-label={t('net.gateway-mac')}
            className="mono"
            dir="ltr"
            maxLength={17}
            placeholder={t('policy.mac-any')}
            value={one.mac ?? ''}
            readOnly={isReadOnly}
            {...(isRowWrong(faults, 'gateways', at, 'mac') ? { status: 'error' as const } : {})}
            onChange={(event) => {
              const mac = event.target.value.trim().toLowerCase().replaceAll('-', ':')
              set({ mac: mac === '' ? null : mac })
            }}
          />,
        ]}
      />
      <FieldFaults list="gateways" faults={faults} />
    </div>
  )
}

interface PrefixInputProps {
  readonly label: string
  readonly value: string
  readonly isWrong: boolean
  readonly isReadOnly: boolean
  readonly onChange: (prefix: string) => void
}

function PrefixInput({ label, value, isWrong, isReadOnly, onChange }: PrefixInputProps): ReactNode {
  return (
    <Input
      aria-label={label}
      className="mono"
      dir="ltr"
      maxLength={49}
      placeholder="10.1.0.0/16"
      value={value}
      readOnly={isReadOnly}
      {...(isWrong ? { status: 'error' as const } : {})}
      onChange={(event) => onChange(event.target.value.trim())}
    />
  )
}
