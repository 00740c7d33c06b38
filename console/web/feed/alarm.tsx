/** Sound for new violations, where somebody switched it on; and how many came while nobody looked, in the title. */
import { SoundOutlined } from '@ant-design/icons'
import { Button, Checkbox } from 'antd'
import { type ReactNode, useEffect, useReducer, useRef, useState } from 'react'
import { Link } from 'react-router'
import { useText } from '../i18n/use-text.ts'
import { useMay, useSession } from '../session/session-context.ts'
import { SeverityMark } from '../show/severity-mark.tsx'
import { type Severity, severities } from '../violations/filter-address.ts'
import { type AlarmChoice, keepChoice, readChoice, switchSeverity } from './alarm-choice.ts'
import { type AlarmInput, type AlarmState, quiet, stepAlarm } from './alarm-state.ts'
import { createAlarmTone } from './alarm-tone.ts'
import { arrivals } from './arrivals.ts'
import { useUnseenTitle } from './unseen-title.ts'

const repeatMs = 4_000
const tone = createAlarmTone()

export function Alarm(): ReactNode {
  const session = useSession()
  const mayRead = useMay('violations.read')
  if (session === null || !mayRead) return null
  return <OwnAlarm key={session.name} account={session.name} />
}

function OwnAlarm({ account }: { readonly account: string }): ReactNode {
  const { t, pick } = useText()
  const [choice, setChoice] = useState(() => readChoice(account))
  const [isBlocked, setBlocked] = useState(false)
  const { state, feed } = useAlarm(choice, setBlocked)
  const newest = state.ringing.at(-1)
  const isOn = choice.severities.length > 0
  useUnseenTitle()

  // Sound that was switched on earlier is not allowed again before somebody touches the page: so it says.
  useEffect(() => {
    if (!isOn) return
    const allow = () => void tone.allow().then((isAllowed) => setBlocked(!isAllowed))
    allow()
    document.addEventListener('pointerdown', allow)
    document.addEventListener('keydown', allow)
    return () => {
      document.removeEventListener('pointerdown', allow)
      document.removeEventListener('keydown', allow)
    }
  }, [isOn])

  const choose = (next: AlarmChoice) => {
    setChoice(next)
    keepChoice(account, next)
    feed({ kind: 'chosen', choice: next })
  }
  return (
    <>
      <details className="alarm" data-testid="alarm" data-blocked={isOn && isBlocked}>
        <summary className="alarm-button" title={t('alarm.title')}>
          <SoundOutlined className={isOn ? 'alarm-on' : 'alarm-off'} />
          <span className="sr-only">{t('alarm.title')}</span>
          <span className="alarm-word">
            {isOn ? t(isBlocked ? 'alarm.blocked-short' : 'alarm.on') : t('alarm.off')}
          </span>
        </summary>
        <div className="alarm-panel">
          <p>{t('alarm.what')}</p>
          <ul>
            {severities.map((severity) => (
              <li key={severity}>
                <Checkbox
                  checked={choice.severities.includes(severity)}
                  onChange={() => choose(switchSeverity(choice, severity))}
                  data-testid={`alarm-${severity}`}
                >
                  <SeverityMark severity={severity} />
                </Checkbox>
              </li>
            ))}
          </ul>
          <Checkbox
            checked={choice.repeatsCritical}
            disabled={!choice.severities.includes('critical')}
            onChange={({ target }) => choose({ ...choice, repeatsCritical: target.checked })}
            data-testid="alarm-repeats"
          >
            {t('alarm.repeats')}
          </Checkbox>
          {isOn && isBlocked && (
            <p className="alarm-blocked" role="status">
              {t('alarm.blocked')}
            </p>
          )}
          <Button
            size="small"
            onClick={() =>
              void tone.sound(choice.severities[0] ?? 'critical').then((did) => setBlocked(!did))
            }
          >
            {t('alarm.test')}
          </Button>
        </div>
      </details>
      {newest !== undefined && (
        <div className="alarm-bar" role="alert" data-testid="alarm-ringing">
          <SeverityMark severity={newest.severity} />
          <Link to={`/violations/${newest.id}`}>{pick(newest.headline)}</Link>
          {state.ringing.length > 1 && <span>{t('alarm.more', { count: state.ringing.length - 1 })}</span>}
          {isBlocked && <span>{t('alarm.blocked-short')}</span>}
          <Button size="small" onClick={() => feed({ kind: 'heard' })} data-testid="alarm-heard">
            {t('alarm.heard')}
          </Button>
        </div>
      )}
    </>
  )
}

/** Listens to what arrives, and rings. */
function useAlarm(
  choice: AlarmChoice,
  setBlocked: (isBlocked: boolean) => void,
): { readonly state: AlarmState; readonly feed: (input: AlarmInput) => void } {
  const [state, feed] = useReducer(
    (before: AlarmState, input: AlarmInput) => stepAlarm(before, input).state,
    quiet,
  )
  const newest = useRef(choice)
  useEffect(() => {
    newest.current = choice
  }, [choice])
  useEffect(() => {
    const ring = (severity: Severity) => void tone.sound(severity).then((did) => setBlocked(!did))
    return arrivals.listen(
      (items) => {
        const input: AlarmInput = { kind: 'arrived', items, choice: newest.current }
        const { sound } = stepAlarm(quiet, input)
        if (sound !== null) ring(sound)
        feed(input)
      },
      (item) => feed({ kind: 'changed', item }),
    )
  }, [setBlocked])
  const isRinging = state.ringing.length > 0
  useEffect(() => {
    if (!isRinging) return
    const timer = setInterval(() => void tone.sound('critical').then((did) => setBlocked(!did)), repeatMs)
    return () => clearInterval(timer)
  }, [isRinging, setBlocked])
  return { state, feed }
}
