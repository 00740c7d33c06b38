/**
 * Which targets need a second person, and what that person agrees to: whoever sets targets up sees no evidence and not the
 * administrators' log, and would see both at a receiver of their own. Pure.
 */
import { createHash } from 'node:crypto'
import type { ForwardTargetRow } from '../store/forward-ports.ts'

type Asked = Pick<
  ForwardTargetRow,
  'id' | 'name' | 'content' | 'events' | 'severities' | 'types' | 'language' | 'settings'
>

/** Reports whether a target would be sent what its maker may not read. */
export function needsAgreement({ content, events }: Pick<Asked, 'content' | 'events'>): boolean {
  return content === 'facts' || events.includes('log')
}

/** Returns what stands for all that is agreed to: what is sent, and where to. SHA-256, hex. */
export function agreementOf(target: Asked): string {
  const { id, name, content, events, severities, types, language, settings } = target
  const whole = JSON.stringify([id, name, content, events, severities, types, language, settings])
  return createHash('sha256').update(whole).digest('hex')
}
