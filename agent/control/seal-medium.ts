/** Writes one seal onto one medium, at a station. Nothing but a seal of this console's, for this very medium, is written. */
import {
  comparePassports,
  type Decision,
  encodeSealBytes,
  type Fact,
  openSeal,
  type Position,
  type Seal,
  ShoukouError,
  type SignedSeal,
} from '@shoukou/protocol'
import type { BlockSource } from '../examination/block-source.ts'
import { writeSeal } from '../examination/seal-slot.ts'
import type { MediumJudge } from './judge-medium.ts'
import type { MediaKernel } from './kernel-port.ts'
import type { Stay } from './stay.ts'

export interface SealWork {
  readonly stay: Stay
  readonly signed: SignedSeal
  readonly kernel: MediaKernel
  readonly isEnforcing: boolean
  readonly judge: MediumJudge
  readonly tell: (fact: Fact, decision: Decision | null) => Promise<Position | null>
}

/** Writes it; returns the outcome as a code. The record says where it stands now, or why it does not. */
export async function writeOneSeal(work: SealWork): Promise<string> {
  const { stay, signed, judge, tell } = work
  const seal = openSeal(signed, judge.sealKeys)
  const refusal = refusalOf(work, seal)
  if (refusal !== null || seal === null) return refusal ?? 'bad-signature'
  let detail: string
  let isWritten = false
  try {
    detail = await write(work, encodeSealBytes(signed))
    isWritten = true
  } catch (fault) {
    if (!(fault instanceof ShoukouError)) throw fault
    detail = fault.code
  }
  const result = isWritten ? 'written' : 'failed'
  await tell(
    { kind: 'media.sealed', place: stay.place, number: seal.number, sealId: seal.id, result, detail },
    null,
  )
  return isWritten ? 'done' : detail
}

function refusalOf({ stay, judge }: SealWork, seal: Seal | null): string | null {
  if (judge.policy().settings.roles?.includes('station') !== true) return 'not-a-station'
  if (seal === null) return 'bad-signature'
  const passport = stay.examined?.passport ?? null
  if (passport === null) return 'not-examined'
  // A seal for another medium would only make this one suspect.
  const { result } = comparePassports(seal.passport, passport)
  return result === 'match' || result === 'degraded' ? null : 'other-passport'
}

async function write(work: SealWork, bytes: Uint8Array): Promise<string> {
  const source = await open(work)
  try {
    return (await writeSeal(source, bytes)).slot
  } finally {
    await source.close()
  }
}

async function open({ stay, kernel, isEnforcing }: SealWork): Promise<BlockSource> {
  const isShut = stay.inForce === 'none'
  if (isEnforcing && isShut && stay.disk === null && stay.usb !== null && kernel.canAirlock(stay.usb)) {
    await kernel.authorize(stay.usb)
    return await kernel.openAirlock(stay.usb, true)
  }
  const disk = stay.disk === null ? null : await kernel.readDisk(stay.disk)
  if (disk === null) throw new ShoukouError('medium-unreadable', 'The medium is not there any more.')
  if (isEnforcing && stay.inForce !== 'read-write') await kernel.setAccess(disk, { kind: 'agent-alone' })
  return await kernel.openDisk(disk.name, { method: isEnforcing ? 'guarded' : 'open', forWriting: true })
}
