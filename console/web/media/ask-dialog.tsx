/** The frame of a dialog that changes something: what was refused on top, the button says what it does. */
import { Alert, Modal } from 'antd'
import type { ReactNode } from 'react'
import { dialogHome } from '../frame/dialog-home.ts'
import { useText } from '../i18n/use-text.ts'
import { errorText } from '../show/error-text.ts'

interface Props {
  readonly title: string
  readonly okText: string
  readonly okTestId: string
  readonly onOk: () => void
  readonly onClose: () => void
  readonly isPending: boolean
  readonly isReady?: boolean
  /** Null: nothing was refused. */
  readonly error?: unknown
  readonly width?: number
  /** After the act there is nothing to call off. */
  readonly isDone?: boolean
  readonly children: ReactNode
}

export function AskDialog(props: Props): ReactNode {
  const text = useText()
  const { error = null, isReady = true, isDone = false } = props
  return (
    <Modal
      open
      getContainer={dialogHome}
      title={props.title}
      width={props.width ?? 560}
      // What was typed is not lost by a click beside it.
      maskClosable={false}
      onCancel={props.onClose}
      onOk={props.onOk}
      okText={props.okText}
      cancelText={text.t('enrol.cancel')}
      confirmLoading={props.isPending}
      okButtonProps={{ disabled: !isReady, 'data-testid': props.okTestId }}
      {...(isDone ? { cancelButtonProps: { hidden: true } } : {})}
    >
      {error !== null && error !== undefined && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="gap-below"
          data-testid="dialog-error"
          title={errorText(text, error)}
        />
      )}
      {props.children}
    </Modal>
  )
}
