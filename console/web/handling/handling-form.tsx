/** A form of one dialog of handling: sends what is typed, says what was refused, closes when it is done. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Form, type FormInstance } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'
import { AskDialog } from '../media/ask-dialog.tsx'
import { forgetHandling } from '../server/handling-queries.ts'

interface Props<Fields> {
  readonly title: string
  readonly okText: string
  readonly does: string
  readonly initial: Fields
  readonly send: (fields: Fields) => Promise<unknown>
  /** Said when it is done. */
  readonly done: string | ((answer: unknown) => string)
  readonly onClose: () => void
  readonly children: ReactNode | ((form: FormInstance<Fields>) => ReactNode)
}

export function HandlingForm<Fields extends object>(props: Props<Fields>): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<Fields>()
  const act = useMutation({
    mutationFn: props.send,
    onSuccess: (answer) => {
      void message.success(typeof props.done === 'string' ? props.done : props.done(answer))
      props.onClose()
    },
    onSettled: () => forgetHandling(cache),
  })
  return (
    <AskDialog
      title={props.title}
      okText={props.okText}
      okTestId="handling-submit"
      error={act.error}
      isPending={act.isPending}
      onOk={() => form.submit()}
      onClose={props.onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={props.initial}
        onFinish={(fields: Fields) => act.mutate(fields)}
        validateMessages={{ required: t('medium.reason-missing') }}
      >
        <p className="consequence">{props.does}</p>
        {typeof props.children === 'function' ? props.children(form) : props.children}
      </Form>
    </AskDialog>
  )
}
