/** Judges one record: which violations it makes, under the policy that was in force. Pure. */
import { type Record, VIOLATIONS } from '@shoukou/protocol'
import { judgeExamined } from './examination-rules.ts'
import { judgeBlockAttached, judgeBlockChanged, judgeUsbInsertion } from './insertion-rules.ts'
import { judgeClock, judgeGap, judgeOpened } from './journal-rules.ts'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'
import { judgeFileActivity } from './media-use-rules.ts'
import { judgeCondition } from './network-condition-rules.ts'
import { judgeConnections } from './network-connection-rules.ts'
import { judgeHardware } from './network-hardware-rules.ts'
import { judgeChangedAway, judgeTraces } from './network-history-rules.ts'
import { judgeInterface } from './network-rules.ts'
import { judgePeripheral } from './peripheral-rules.ts'
import { judgeAltered, judgePaused, judgeRemoval } from './protection-rules.ts'
import { judgeControl, judgeTampered } from './tamper-rules.ts'

export function judge(record: Record, context: JudgeContext): Judgement[] {
  const { policy } = context
  switch (record.fact.kind) {
    case 'usb.attached':
      return [
        ...judgeUsbInsertion(record as RecordOf<'usb.attached'>, context),
        ...judgePeripheral(record as RecordOf<'usb.attached'>, context),
      ]
    case 'block.attached':
      return judgeBlockAttached(record as RecordOf<'block.attached'>, context)
    case 'block.changed':
      return judgeBlockChanged(record as RecordOf<'block.changed'>, context)
    case 'media.examined':
      return judgeExamined(record as RecordOf<'media.examined'>, context)
    case 'file.activity':
      return judgeFileActivity(record as RecordOf<'file.activity'>, context)
    case 'control.state':
      return judgeControl(record as RecordOf<'control.state'>, policy)
    case 'network.interface-added':
      return judgeInterface(record as RecordOf<'network.interface-added'>, context)
    case 'network.interface-changed':
      return judgeInterface(record as RecordOf<'network.interface-changed'>, context)
    case 'network.condition':
      return judgeCondition(record as RecordOf<'network.condition'>, context)
    case 'network.connections':
      return judgeConnections(record as RecordOf<'network.connections'>, context)
    case 'network.hardware':
      return judgeHardware(record as RecordOf<'network.hardware'>)
    case 'network.traces':
      return judgeTraces(record as RecordOf<'network.traces'>, policy)
    case 'network.changed-while-away':
      return judgeChangedAway(record as RecordOf<'network.changed-while-away'>, policy)
    case 'control.tampered':
      return judgeTampered(record as RecordOf<'control.tampered'>)
    case 'clock.stepped':
      return judgeClock(record as RecordOf<'clock.stepped'>, policy)
    case 'journal.gap':
      return judgeGap(record as RecordOf<'journal.gap'>)
    case 'journal.opened':
      return judgeOpened(record as RecordOf<'journal.opened'>, context)
    case 'agent.paused':
      return judgePaused(record as RecordOf<'agent.paused'>)
    case 'agent.altered':
      return judgeAltered(record as RecordOf<'agent.altered'>)
    case 'agent.removal':
      return judgeRemoval(record as RecordOf<'agent.removal'>)
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
    case 'network.picture':
    case 'network.counted':
    case 'network.acted':
    case 'network.probed':
    case 'host.inventory':
    case 'journal.loss':
    case 'media.access':
    case 'media.sealed':
    case 'usb.acted':
    case 'usb.re-enumerated':
    case 'usb.storm':
    case 'guard.refused':
    case 'grant.changed':
    case 'policy.applied':
    case 'policy.refused':
    case 'command.done':
    case 'journal.sealed':
    case 'identity.renewed':
    case 'ceiling.applied':
    case 'ceiling.refused':
    case 'bundle.exported':
    case 'bundle.returned':
    case 'session.opened':
    case 'session.closed':
      return []
  }
}

/** The catalogue's default severity of a judgement. */
export function severityOf(judgement: Judgement): 'critical' | 'high' | 'medium' | 'low' {
  return VIOLATIONS[judgement.type].severity
}
