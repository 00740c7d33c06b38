/**
 * Tells who a process is, once: the path of its executable is walked in the kernel's memory, because one that lives for a
 * millisecond is gone when /proc is read. Pure.
 *
 * A process is known by when it began, its number, and how often it has become another program (exec). What is told of
 * which is remembered in the kernel; the agent asks for everything anew by another generation. The record is written in
 * memory that belongs to the thread: a program may be interrupted by another on the same processor.
 */
import {
  add,
  addValue,
  call,
  copy,
  jump,
  jumpIfAboveValue,
  jumpIfAtMostSigned,
  jumpIfDiffers,
  jumpIfEqual,
  jumpIfNegative,
  jumpIfNotEqual,
  jumpIfSame,
  type Line,
  label,
  load32,
  load64,
  loadMap,
  loadMapValue,
  type Register,
  setValue,
  shiftRight,
  store32,
  store64,
  storeValue32,
} from '../bpf-assembler.ts'
import {
  nameRoomBytes,
  namesBytesMax,
  pathStepsMax,
  processAt,
  processFlag,
  recordKind,
} from './connection-layout.ts'
import { clear } from './judge-lines.ts'
import type { PathOffsets } from './path-offsets.ts'
import {
  address,
  count,
  helper,
  lookUp,
  type ProgramOptions,
  place,
  unlessHalfFull,
} from './program-lines.ts'

const any = 0

/** Leaves the process's key at `place.process`: zeros where nothing could be told of it. Uses r7, r8 and r9, and gives r9 back. */
export function tellProcess({ maps, ringBytes, path }: ProgramOptions): Line[] {
  if (path === null) return clear(place.process)
  return [
    ...clear(place.process),
    ...readKey(path),
    ...lookUp(maps.processes, place.process),
    jumpIfEqual('r0', 0, 'process is new'),
    load32('r1', 'r0', 0),
    load32('r2', 'r10', place.control + 4),
    jumpIfSame('r1', 'r2', 'process is told'),
    label('process is new'),
    ...unlessHalfFull(maps, ringBytes, 'process can not be told'),
    ...takeScratch(maps),
    ...walk(path),
    ...sendNames(maps),
    label('process can not be told'),
    ...count('pathsLost'),
    label('process has no path'),
    ...clear(place.process),
    label('process is told'),
    load64('r9', 'r10', place.control),
  ]
}

/** r7: the task; the key; goes away where it has no executable, as threads of the kernel have none. */
function readKey(path: PathOffsets): Line[] {
  return [
    call(helper.task),
    copy('r7', 'r0'),
    ...read(place.found, 'r7', path.taskMemory),
    load64('r8', 'r10', place.found),
    jumpIfEqual('r8', 0, 'process has no path'),
    ...read(place.found, 'r7', path.taskLeader),
    load64('r3', 'r10', place.found),
    ...read(place.process, 'r3', path.taskStart),
    ...read(place.process + 12, 'r7', path.taskExecId, 4),
    call(helper.pidTgid),
    store64('r10', place.thread, 'r0'),
    shiftRight('r0', 32),
    store32('r10', place.process + 8, 'r0'),
    // r8: the file.
    ...read(place.found, 'r8', path.memoryFile),
    load64('r8', 'r10', place.found),
    jumpIfEqual('r8', 0, 'process has no path'),
    // r7: the folder entry; beside it the mount that it is seen through, and that mount's root.
    ...read(place.found, 'r8', path.fileEntry),
    load64('r7', 'r10', place.found),
    ...read(place.found, 'r8', path.fileMount),
    load64('r1', 'r10', place.found),
    addValue('r1', -path.mountInner),
    store64('r10', place.mount, 'r1'),
    load64('r3', 'r10', place.found),
    ...read(place.root, 'r3', path.innerRoot),
  ]
}

/** r8: memory of this thread. */
function takeScratch(maps: ProgramOptions['maps']): Line[] {
  return [
    ...lookUp(maps.scratch, place.thread),
    jumpIfNotEqual('r0', 0, 'scratch is there'),
    ...loadMap('r1', maps.scratch),
    ...address('r2', place.thread),
    ...loadMapValue('r3', maps.blank),
    setValue('r4', any),
    call(helper.mapUpdate),
    ...lookUp(maps.scratch, place.thread),
    jumpIfEqual('r0', 0, 'process can not be told'),
    label('scratch is there'),
    copy('r8', 'r0'),
    load64('r1', 'r10', place.process),
    store64('r8', processAt.key, 'r1'),
    load64('r1', 'r10', place.process + 8),
    store64('r8', processAt.key + 8, 'r1'),
    storeValue32('r8', processAt.head, recordKind.process),
    storeValue32('r8', processAt.head + 4, 0),
  ]
}

/** r9: bytes of names. From the executable up to the root, mounts being crossed where they are mounted. */
function walk(path: PathOffsets): Line[] {
  return [
    setValue('r9', 0),
    ...Array.from({ length: pathStepsMax }, (_, step) => walkStep(path, step)).flat(),
    jump('path ends'),
    label('path is whole'),
    storeValue32('r8', processAt.head, recordKind.process | (processFlag.whole << 24)),
    label('path ends'),
  ]
}

function walkStep(path: PathOffsets, step: number): Line[] {
  const [named, next] = [`name ${step}`, `step after ${step}`]
  return [
    load64('r1', 'r10', place.root),
    jumpIfDiffers('r7', 'r1', named),
    load64('r3', 'r10', place.mount),
    ...read(place.parent, 'r3', path.mountParent),
    load64('r1', 'r10', place.parent),
    load64('r3', 'r10', place.mount),
    jumpIfSame('r1', 'r3', 'path is whole'),
    ...read(place.found, 'r3', path.mountEntry),
    load64('r7', 'r10', place.found),
    load64('r3', 'r10', place.parent),
    store64('r10', place.mount, 'r3'),
    ...read(place.root, 'r3', path.mountInner + path.innerRoot),
    jump(next),
    label(named),
    ...read(place.parent, 'r7', path.entryParent),
    load64('r1', 'r10', place.parent),
    // Its own parent and no root: cut off from the tree.
    jumpIfSame('r1', 'r7', 'path ends'),
    ...read(place.name, 'r7', path.entryName),
    jumpIfAboveValue('r9', namesBytesMax - nameRoomBytes, 'path ends'),
    copy('r1', 'r8'),
    add('r1', 'r9'),
    addValue('r1', processAt.names),
    setValue('r2', nameRoomBytes),
    load64('r3', 'r10', place.name),
    call(helper.readKernelText),
    jumpIfAtMostSigned('r0', 0, 'path ends'),
    jumpIfAboveValue('r0', nameRoomBytes, 'path ends'),
    add('r9', 'r0'),
    load64('r7', 'r10', place.parent),
    label(next),
  ]
}

/** First the record, then the mark that it was sent: whoever finds the mark finds the record before its own. */
function sendNames(maps: ProgramOptions['maps']): Line[] {
  return [
    jumpIfAboveValue('r9', namesBytesMax, 'process can not be told'),
    ...loadMap('r1', maps.ring),
    copy('r2', 'r8'),
    copy('r3', 'r9'),
    addValue('r3', processAt.names),
    setValue('r4', 0),
    call(helper.ringOutput),
    copy('r7', 'r0'),
    ...loadMap('r1', maps.scratch),
    ...address('r2', place.thread),
    call(helper.mapDelete),
    jumpIfNegative('r7', 'process can not be told'),
    load32('r1', 'r10', place.control + 4),
    store32('r10', place.generation, 'r1'),
    ...loadMap('r1', maps.processes),
    ...address('r2', place.process),
    ...address('r3', place.generation),
    setValue('r4', any),
    call(helper.mapUpdate),
    jump('process is told'),
  ]
}

/** Reads kernel memory at `from` + offset to the stack; zeros where there is none. */
function read(to: number, from: Register, offset: number, bytes = 8): Line[] {
  return [
    copy('r3', from),
    addValue('r3', offset),
    ...address('r1', to),
    setValue('r2', bytes),
    call(helper.readKernel),
  ]
}
