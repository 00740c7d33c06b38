/** Judges one record: which violations it makes, under the policy that was in force. Pure. */
import { type Record, VIOLATIONS } from '@shoukou/protocol'
import { judgeClock, judgeGap, judgeOpened } from './journal-rules.ts'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'
import { judgeBlockAttached, judgeBlockChanged, judgeUsbAttached } from './media-rules.ts'
import { judgeInterface } from './network-rules.ts'

export function judge(record: Record, context: JudgeContext): Judgement[] {
  const { policy } = context
  switch (record.fact.kind) {
    case 'usb.attached':
      return judgeUsbAttached(record as RecordOf<'usb.attached'>, policy)
    case 'block.attached':
      return judgeBlockAttached(record as RecordOf<'block.attached'>, policy)
    case 'block.changed':
      return judgeBlockChanged(record as RecordOf<'block.changed'>)
    case 'network.interface-added':
      return judgeInterface(record as RecordOf<'network.interface-added'>, policy)
    case 'network.interface-changed':
      return judgeInterface(record as RecordOf<'network.interface-changed'>, policy)
    case 'clock.stepped':
      return judgeClock(record as RecordOf<'clock.stepped'>, policy)
    case 'journal.gap':
      return judgeGap(record as RecordOf<'journal.gap'>)
    case 'journal.opened':
      return judgeOpened(record as RecordOf<'journal.opened'>, context)
    // Seen and kept; what they mean is not a violation, or is worked out from several records.
    case 'agent.started':
    case 'agent.stopping':
    case 'agent.coverage':
    case 'sensor.overflow':
    case 'usb.detached':
    case 'block.detached':
    case 'mount.added':
    case 'mount.removed':
    case 'network.interface-removed':
    case 'network.routes-changed':
    case 'file.activity':
    case 'host.inventory':
    case 'journal.loss':
    case 'media.examined':
    case 'media.access':
    case 'media.sealed':
    case 'usb.acted':
    case 'usb.re-enumerated':
    case 'usb.storm':
    case 'control.state':
    case 'guard.refused':
    case 'grant.changed':
    case 'policy.applied':
    case 'policy.refused':
    case 'command.done':
      return []
  }
}

/** The catalogue's default severity of a judgement. */
export function severityOf(judgement: Judgement): 'critical' | 'high' | 'medium' | 'low' {
  return VIOLATIONS[judgement.type].severity
}
