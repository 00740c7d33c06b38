/**
 * A person or a department by name, with those of the registers to choose from while one types. Free text stays possible: a
 * register may lag behind the office, and whoever may not read it types as before.
 */
import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Input } from 'antd'
import { type ReactNode, useDeferredValue, useState } from 'react'
import { dialogHome } from '../frame/dialog-home.ts'
import { departmentTreeQuery, peopleFoundQuery } from '../server/register-queries.ts'
import { useMay } from '../session/session-context.ts'

interface Props {
  /** Given by the form, with the value: what the label names. */
  readonly id?: string
  readonly value?: string
  readonly onChange?: (value: string) => void
  readonly autoFocus?: boolean
  readonly 'data-testid'?: string
}

const nameCharactersMax = 100

/** Asks for a person by name. */
export function PersonInput(props: Props): ReactNode {
  const mayRead = useMay('registers.read')
  const [isOpen, setOpen] = useState(false)
  const typed = useDeferredValue(props.value ?? '')
  const { data } = useQuery({
    ...peopleFoundQuery(typed.trim()),
    enabled: mayRead && isOpen,
    // While the next answer is on its way, the list stays.
    placeholderData: (before) => before,
  })
  const options = (data?.entries ?? []).map(({ number, custodian, department }) => ({
    ...{ key: number, value: custodian, said: `${number} ${department}`.trim() },
  }))
  return <NameInput {...props} options={options} onOpenChange={setOpen} />
}

/** Asks for a department by name. */
export function DepartmentNameInput(props: Props): ReactNode {
  const mayRead = useMay('registers.read')
  const [isOpen, setOpen] = useState(false)
  const { data } = useQuery({ ...departmentTreeQuery, enabled: mayRead && isOpen })
  const typed = (props.value ?? '').trim()
  const known = [
    ...(data?.departments ?? []).map(({ name, code }) => ({ key: code, value: name, said: code })),
    ...(data?.unlisted ?? []).map((name) => ({ key: `- ${name}`, value: name, said: '' })),
  ]
  const found = known.filter(({ value, said }) => value.includes(typed) || said.includes(typed))
  return (
    <NameInput
      {...props}
      // A name that is there already was chosen, and hides no other.
      options={known.some(({ value }) => value === typed) ? known : found}
      onOpenChange={setOpen}
    />
  )
}

interface NameProps extends Props {
  readonly options: readonly { readonly key: string; readonly value: string; readonly said: string }[]
  readonly onOpenChange: (isOpen: boolean) => void
}

function NameInput({
  options,
  onOpenChange,
  autoFocus = false,
  'data-testid': testId,
  ...field
}: NameProps): ReactNode {
  return (
    <AutoComplete
      {...field}
      getPopupContainer={dialogHome}
      options={options.map(({ key, value, said }) => ({
        key,
        value,
        label: (
          <>
            <bdi>{value}</bdi> <span className="muted">{said}</span>
          </>
        ),
      }))}
      onOpenChange={onOpenChange}
      defaultActiveFirstOption={false}
    >
      <Input maxLength={nameCharactersMax} autoFocus={autoFocus} autoComplete="off" data-testid={testId} />
    </AutoComplete>
  )
}
