/**
 * Registers a medium: from a blocked insertion with everything filled in that its passport tells, or before it is ever
 * seen.
 */
import type { Level } from '@shoukou/protocol/levels.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Form } from 'antd'
import { type ReactNode, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import type { MediumAnswer, NewMedium, SeenMedium } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { forgetMedia, mediumQuery } from '../server/media-queries.ts'
import { computerNamesQuery } from '../server/queries.ts'
import { consoleNow, request } from '../server/request.ts'
import { levels } from '../violations/filter-address.ts'
import { AskDialog } from './ask-dialog.tsx'
import { detailsOf, kindOfPassport, type MediumForm, newForm } from './medium-draft.ts'
import { MediumFields } from './medium-fields.tsx'
import { PassportBrief } from './medium-words.tsx'
import { ReasonField } from './reason-field.tsx'
import { type RegisterRefusal, registerRefusal } from './register-refusal.ts'
import { SeenPicker } from './seen-picker.tsx'

interface Props {
  /** Null: it is chosen here, or registered before it is seen. */
  readonly seen: SeenMedium | null
  readonly onClose: () => void
}

const levelUnknown: Level = 'confidential'

export function RegisterDialog({ seen: given, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [form] = Form.useForm<MediumForm>()
  const [agent, setAgent] = useState<string | null>(null)
  const [picked, setPicked] = useState<SeenMedium | null>(null)
  const seen = given ?? picked
  const computers = useQuery(computerNamesQuery)
  const levelOf = (agentId: string) =>
    computers.data?.computers.find((one) => one.agent === agentId)?.level ?? levelUnknown
  const register = useMutation({
    mutationFn: (fields: MediumForm) => {
      const from = seen === null || seen.record === null ? null : { agent: seen.agent, ...seen.record }
      const body: NewMedium = {
        ...(fields.number.trim() === '' ? {} : { number: fields.number.trim() }),
        ...detailsOf(fields),
        reason: fields.reason.trim(),
        from,
      }
      return request<MediumAnswer>('POST', '/api/media', body)
    },
    onSuccess: (answer) => {
      const { number } = answer.medium
      forgetMedia(cache)
      cache.setQueryData(mediumQuery(number).queryKey, answer)
      void message.success(t('register.done', { number }))
      onClose()
      void navigate(`/media/${encodeURIComponent(number)}`)
    },
    onError: (error, fields) => {
      if (registerRefusal(error)?.kind !== 'number-taken') return
      form.setFields([
        { name: 'number', errors: [t('enrol.number-taken', { number: fields.number.trim() })] },
      ])
    },
  })
  const refusal = registerRefusal(register.error)
  const pick = (one: SeenMedium) => {
    setPicked(one)
    form.setFieldsValue({
      level: levelOf(one.agent),
      computers: [one.computer],
      ...(one.passport === null ? {} : { kind: kindOfPassport(one.passport) }),
    })
  }
  // The computer's level is filled in once, before anybody types: a form that changes under the hand is worse.
  if (computers.isPending && given !== null) return null
  return (
    <AskDialog
      title={t('register.title')}
      okText={t('register.do')}
      okTestId="register-submit"
      width={820}
      error={refusal === null ? register.error : null}
      isPending={register.isPending}
      onOk={() => form.submit()}
      onClose={onClose}
    >
      {refusal !== null && <Refused refusal={refusal} onLeave={onClose} />}
      {given === null && (
        <>
          <p className="muted gap-below">{t('register.where')}</p>
          <SeenPicker
            agent={agent}
            onAgent={(next) => {
              setAgent(next)
              setPicked(null)
            }}
            chosen={picked}
            onChoose={pick}
            accept={(one) => one.number === null && one.record !== null}
          />
        </>
      )}
      {given !== null && (
        <p className="register-what" data-testid="register-what">
          <span className="muted">{t('register.what', { computer: given.computer })}</span>{' '}
          {given.passport === null ? t('seen.not-examined') : <PassportBrief passport={given.passport} />}
        </p>
      )}
      <Form<MediumForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        scrollToFirstError
        initialValues={newForm(given, given === null ? levelUnknown : levelOf(given.agent), consoleNow())}
        onFinish={(fields) => register.mutate(fields)}
        data-testid="register-form"
      >
        <MediumFields isNew levels={levels} levelHint={seen === null ? '' : t('register.level-hint')} />
        <ReasonField example={t('register.reason-example')} />
      </Form>
    </AskDialog>
  )
}

interface RefusedProps {
  readonly refusal: RegisterRefusal
  readonly onLeave: () => void
}

/** The other medium is one click away: whoever meets this wants to look at it next. */
function Refused({ refusal, onLeave }: RefusedProps): ReactNode {
  const { t } = useText()
  if (refusal.kind === 'number-taken') return null
  const { kind, number, state } = refusal
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="gap-below"
      data-testid="register-refused"
      title={t(`register.${kind}`, { number, state: t(`medium.state.${state}`) })}
      action={
        <Link to={`/media/${encodeURIComponent(number)}`} onClick={onLeave}>
          {t('register.open-other', { number })}
        </Link>
      }
    />
  )
}
