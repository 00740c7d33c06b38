/** Counts what is not approved and puts its record into the ring. Pure. */
import {
  addValue,
  andValue,
  call,
  copy,
  exit,
  jump,
  jumpIfAnyBit,
  jumpIfEqual,
  type Line,
  label,
  load32,
  load64,
  loadMap,
  orValue,
  type Register,
  setValue,
  store32,
  store64,
  storeValue32,
  storeValue64,
} from '../bpf-assembler.ts'
import { control, eventAt, eventBytes, eventFlag, nameBytes } from './connection-layout.ts'
import { tellProcess } from './path-lines.ts'
import { count, findCounters, helper, type ProgramOptions, place, unlessHalfFull } from './program-lines.ts'

const headFlags = 24

/** The end of a program that counts attempts: `approved`, `prohibited` and `pass` are where it is entered. */
export function endAttempt(
  options: ProgramOptions,
  refusedBy: number,
  isJudged: 'judged' | 'never approved' = 'judged',
): Line[] {
  // The kernel takes no program with a line that nothing leads to.
  const approved = [
    label('approved'),
    ...findCounters(options.maps, 'pass'),
    ...count('approved'),
    jump('pass'),
  ]
  return [
    ...(isJudged === 'judged' ? approved : []),
    label('prohibited'),
    ...findCounters(options.maps, 'verdict'),
    ...count('prohibited'),
    copy('r1', 'r9'),
    andValue('r1', refusedBy),
    jumpIfEqual('r1', 0, 'counted'),
    ...count('refused'),
    ...setHeadFlag(eventFlag.refused),
    label('counted'),
    ...tellProcess(options),
    ...tellEvent(options, { hasProcess: true, lost: 'lost' }),
    jump('verdict'),
    label('lost'),
    ...count('lost'),
    label('verdict'),
    jumpIfAnyBit('r9', refusedBy, 'refuse'),
    label('pass'),
    ...answer(1),
    label('refuse'),
    ...answer(0),
  ]
}

/** The end of a program that only tells: `tell` and `pass`. */
export function endTold(options: ProgramOptions, hasProcess: boolean): Line[] {
  return [
    label('tell'),
    ...findCounters(options.maps, 'pass'),
    ...(hasProcess ? tellProcess(options) : []),
    ...unlessHalfFull(options.maps, options.ringBytes, 'lost'),
    ...tellEvent(options, { hasProcess, lost: 'lost' }),
    ...count('sideTold'),
    jump('pass'),
    label('lost'),
    ...count('sideLost'),
    label('pass'),
    ...answer(1),
  ]
}

export function answer(value: 0 | 1): Line[] {
  return [setValue('r0', value), exit()]
}

function setHeadFlag(flag: number): Line[] {
  return [load32('r1', 'r10', place.head), orValue('r1', flag << headFlags), store32('r10', place.head, 'r1')]
}

/** r7: the record. Every byte of it is written: the ring has the bytes of older ones. */
function tellEvent(
  { maps, path }: ProgramOptions,
  { hasProcess, lost }: { readonly hasProcess: boolean; readonly lost: string },
): Line[] {
  return [
    ...(hasProcess ? setHeadFlag(eventFlag.hasProcess) : []),
    ...loadMap('r1', maps.ring),
    setValue('r2', eventBytes),
    setValue('r3', 0),
    call(helper.ringReserve),
    jumpIfEqual('r0', 0, lost),
    copy('r7', 'r0'),
    ...copied32(place.head, eventAt.head),
    ...copied32(place.protocol, eventAt.protocol),
    ...copied32(place.type, eventAt.type),
    ...copied32(place.peerPort, eventAt.peerPort),
    ...copied32(place.localPort, eventAt.localPort),
    storeValue32('r7', eventAt.pad, 0),
    ...copied64(place.peer, eventAt.peer),
    ...copied64(place.peer + 8, eventAt.peer + 8),
    ...copied64(place.local, eventAt.local),
    ...copied64(place.local + 8, eventAt.local + 8),
    ...asked(helper.bootNs, eventAt.bootNs),
    copy('r1', 'r6'),
    ...asked(helper.socketCookie, eventAt.cookie),
    ...(hasProcess ? fillProcess(path !== null) : clearProcess()),
    copy('r1', 'r7'),
    setValue('r2', 0),
    call(helper.ringSubmit),
  ]
}

function fillProcess(hasKey: boolean): Line[] {
  return [
    ...asked(helper.pidTgid, eventAt.pidTgid),
    ...asked(helper.uidGid, eventAt.uidGid),
    ...asked(helper.cgroupId, eventAt.cgroup),
    copy('r1', 'r6'),
    ...asked(helper.netnsCookie, eventAt.namespace),
    copy('r1', 'r7'),
    addValue('r1', eventAt.name),
    setValue('r2', nameBytes),
    call(helper.comm),
    ...(hasKey
      ? [...copied64(place.process, eventAt.process), ...copied64(place.process + 8, eventAt.process + 8)]
      : [storeValue64('r7', eventAt.process, 0), storeValue64('r7', eventAt.process + 8, 0)]),
  ]
}

function clearProcess(): Line[] {
  const words = [eventAt.pidTgid, eventAt.uidGid, eventAt.cgroup, eventAt.namespace, eventAt.name]
  return [...words, eventAt.name + 8, eventAt.process, eventAt.process + 8].map((at) =>
    storeValue64('r7', at, 0),
  )
}

function asked(which: number, to: number): Line[] {
  return [call(which), store64('r7', to, 'r0')]
}

const between: Register = 'r1'

function copied32(from: number, to: number): Line[] {
  return [load32(between, 'r10', from), store32('r7', to, between)]
}

function copied64(from: number, to: number): Line[] {
  return [load64(between, 'r10', from), store64('r7', to, between)]
}

/** Which bit of the control number says that an attempt is refused. */
export const refusedBy = { destination: control.refuses, raw: control.refusesRaw } as const
