/** A span of ports as people write it: `443`, `8000-8010`, nothing for all. */
import { Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/use-text.ts'
import { formatPorts, type Ports, parsePorts } from './network-draft.ts'

interface Props {
  readonly ports: Ports
  readonly isWrong: boolean
  readonly isReadOnly: boolean
  readonly placeholder: string
  readonly onChange: (ports: Ports) => void
}

export function PortsInput({ ports, isWrong, isReadOnly, placeholder, onChange }: Props): ReactNode {
  const { t } = useText()
  const [typed, setTyped] = useState(() => formatPorts(ports))
  // What is typed stands as long as it means what the draft has; a discarded draft shows its own again.
  const shown = isSame(parsePorts(typed), ports) ? typed : formatPorts(ports)
  return (
    <Input
      aria-label={t('policy.ports')}
      className="mono"
      dir="ltr"
      maxLength={13}
      placeholder={placeholder}
      value={shown}
      readOnly={isReadOnly}
      {...(isWrong ? { status: 'error' as const } : {})}
      onChange={(event) => {
        setTyped(event.target.value)
        onChange(parsePorts(event.target.value))
      }}
    />
  )
}

function isSame(a: Ports, b: Ports): boolean {
  return a?.first === b?.first && a?.last === b?.last
}
