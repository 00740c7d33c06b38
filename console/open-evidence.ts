/** The act that two people must want: that a target is sent evidence or the administrators' log. Agreed to, the target goes on. */
import { ShoukouError } from '@shoukou/protocol'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { Type } from 'typebox'
import { agreementOf, needsAgreement } from './forward/evidence-agreement.ts'
import type { TargetSettings } from './forward/ports.ts'
import { visible } from './forward/visible.ts'
import type { ForwardTargetRow } from './store/forward-ports.ts'
import type { Store } from './store/ports.ts'
import type { ActExecutor, ActWords } from './workflows/two-person/executor.ts'

export interface EvidencePayload {
  readonly target: string
}

const check = checkOf(
  Type.Object({ target: Type.String({ minLength: 1, maxLength: 64 }) }, { additionalProperties: false }),
)
const act = 'forward-evidence'
const agreementsReadMax = 200

/** Whether somebody agreed to a target as it stands. */
export async function isEvidenceAgreed(store: Store, target: ForwardTargetRow): Promise<boolean> {
  const decided = await store.proposals({
    acts: [act],
    isOpen: false,
    object: target.id,
    limit: agreementsReadMax,
  })
  const basis = agreementOf(target)
  return decided.some((one) => one.decision?.kind === 'agreed' && one.basis === basis)
}

/** `reload`: the target was changed in the store. */
export function forwardEvidenceExecutor(
  store: Store,
  reload: (id: string) => Promise<void>,
): ActExecutor<EvidencePayload> {
  return {
    act,
    isRepeatable: true,
    async prepare(payload) {
      if (!check.Check(payload)) throw new ShoukouError('invalid-request', 'This names no target.')
      const row = await targetOf(store, payload.target)
      if (!needsAgreement(row))
        throw new ShoukouError('edit-conflict', 'The target is sent no evidence; nobody has to agree.')
      return { object: row.id, basis: agreementOf(row), words: wordsOf(row) }
    },
    async carryOut({ payload: { target } }) {
      const row = await targetOf(store, target)
      // Changed since the agreement, it waits for one of its own.
      if (!(await isEvidenceAgreed(store, row)))
        throw new ShoukouError('edit-conflict', 'The target was changed meanwhile; ask for it anew.')
      if (
        row.isPaused &&
        !(await store.changeForwardTarget({ ...row, isPaused: false, version: row.version + 1 }))
      )
        throw new ShoukouError('edit-conflict', 'The target was changed meanwhile; ask for it anew.')
      await reload(target)
      return { detail: `${row.kind} ${target}` }
    },
  }
}

async function targetOf(store: Store, id: string): Promise<ForwardTargetRow> {
  const row = await store.forwardTarget(id)
  if (row !== null) return row
  throw new ShoukouError('not-found', 'There is no such target any more.')
}

function wordsOf(row: ForwardTargetRow): ActWords {
  const to = visible(`${row.name} (${row.kind} ${placeOf(JSON.parse(row.settings) as TargetSettings)})`)
  const hasFacts = row.content === 'facts'
  const hasLog = row.events.includes('log')
  const zh = [hasFacts ? '违规证据' : '', hasLog ? '管理日志' : ''].filter((part) => part !== '')
  const en = [hasFacts ? 'evidence' : '', hasLog ? 'the administrators’ log' : ''].filter(
    (part) => part !== '',
  )
  return { zh: `向 ${to} 转发${zh.join('和')}`, en: `Send ${en.join(' and ')} to ${to}` }
}

function placeOf(settings: TargetSettings): string {
  switch (settings.kind) {
    case 'syslog':
    case 'json-lines':
      return `${settings.host}:${settings.port} ${settings.protection}`
    case 'webhook':
      return settings.url
    case 'smtp':
      return `${settings.host}:${settings.port} ${settings.protection}: ${settings.to.join(', ')}`
    case 'json-file':
    case 'folder':
      return settings.folder
  }
}
