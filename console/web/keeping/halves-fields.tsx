/** The two halves of a passphrase: two people type theirs one after the other, and each looks away meanwhile. */
import { Form, Input } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

const charactersMin = 12

/** `isNew`: typed twice, as a slip of the finger would lock up every backup. */
export function HalvesFields({ isNew }: { readonly isNew: boolean }): ReactNode {
  const { t } = useText()
  return (
    <>
      <p className="muted">{t(isNew ? 'backup.halves-new' : 'backup.halves')}</p>
      {(['first', 'second'] as const).map((half) => (
        <div className="form-row form-row-two" key={half}>
          <HalfField half={half} isNew={isNew} />
          {isNew && <AgainField half={half} />}
        </div>
      ))}
    </>
  )
}

type Half = 'first' | 'second'

function HalfField({ half, isNew }: { readonly half: Half; readonly isNew: boolean }): ReactNode {
  const { t } = useText()
  return (
    <Form.Item
      name={half}
      label={t(`backup.field.${half}`)}
      rules={[
        { required: true, min: isNew ? charactersMin : 1, message: t('backup.passphrase-short') },
        ...(isNew && half === 'second'
          ? [
              ({ getFieldValue }: { getFieldValue: (name: string) => unknown }) => ({
                validator: async (_rule: unknown, value: string) => {
                  if (value !== '' && value === getFieldValue('first'))
                    throw new Error(t('backup.halves-same'))
                },
              }),
            ]
          : []),
      ]}
    >
      <Input.Password visibilityToggle={false} autoComplete="new-password" />
    </Form.Item>
  )
}

function AgainField({ half }: { readonly half: Half }): ReactNode {
  const { t } = useText()
  return (
    <Form.Item
      name={`${half}Again`}
      label={t('backup.field.again')}
      dependencies={[half]}
      rules={[
        ({ getFieldValue }) => ({
          validator: async (_rule, value: string) => {
            if (value !== getFieldValue(half)) throw new Error(t('backup.passphrase-differs'))
          },
        }),
      ]}
    >
      <Input.Password visibilityToggle={false} autoComplete="new-password" />
    </Form.Item>
  )
}
