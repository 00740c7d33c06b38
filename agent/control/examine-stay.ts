/** One examination of one stay: opens the medium, reads what it is, gives it back. What fails is a fault in words. */
import { type ActionStep, comparePassports, ShoukouError } from '@shoukou/protocol'
import type { BlockSource, ExaminationMethod } from '../examination/block-source.ts'
import { type Examination, examineMedium } from '../examination/examine-medium.ts'
import { usbPassportOf } from '../examination/passport-usb.ts'
import type { Examined, Stay } from './stay.ts'

export interface StayExamination {
  readonly stay: Stay
  /** What was done to get at it; a failed step ends the examination before it begins. */
  readonly entered: readonly ActionStep[]
  readonly open: () => Promise<BlockSource>
  readonly method: ExaminationMethod
  readonly bootMs: () => number
}

/** Examines. Never throws for what a medium is or does. */
export async function examineStay(work: StayExamination): Promise<Examined> {
  const { stay, entered, open, method, bootMs } = work
  const startedMs = bootMs()
  const tookMs = () => Math.max(0, Math.round(bootMs() - startedMs))
  const failed = failedOf(entered)
  if (failed !== null) return { ...notExamined([failed]), tookMs: tookMs() }
  let source: BlockSource | null = null
  try {
    source = await open()
    const usb = stay.usb === null ? null : usbPassportOf(stay.usb)
    const found = await examineMedium(source, { bus: stay.bus, usb })
    return {
      method,
      passport: found.passport,
      sealBytes: found.sealBytes,
      isSealUnread: found.sealBytes === null && found.faults.some((fault) => fault.startsWith('seal')),
      faults: found.faults,
      hasMoreUnits: found.units.length > 1,
      isEmpty: isEmpty(found),
      tookMs: tookMs(),
    }
  } catch (fault) {
    if (!(fault instanceof ShoukouError)) throw fault
    // A reader answers, and says that nothing is in it.
    const isEmptyReader = fault.context['step'] === 'ready'
    return { ...notExamined([fault.message]), isEmpty: isEmptyReader, tookMs: tookMs() }
  } finally {
    await source?.close()
  }
}

export function notExamined(faults: readonly string[]): Examined {
  return {
    method: 'none',
    passport: null,
    sealBytes: null,
    isSealUnread: true,
    faults: faults.map((fault) => fault.slice(0, 200)),
    hasMoreUnits: false,
    isEmpty: false,
    tookMs: 0,
  }
}

/** Words the first step that failed; null where none did. */
export function failedOf(steps: readonly ActionStep[]): string | null {
  const failed = steps.find(({ result }) => result === 'failed')
  return failed === undefined ? null : `${failed.step}: ${failed.detail ?? 'failed'}`
}

/** Whether two examinations are of one medium: what both could read is the same, and so is the seal. */
export function isSameMedium(before: Examined, after: Examined): boolean {
  if (before.passport === null || after.passport === null) return false
  const seal = ({ sealBytes }: Examined) => sealBytes?.toString('base64') ?? null
  const { result } = comparePassports(before.passport, after.passport)
  return result === 'match' && seal(before) === seal(after)
}

function isEmpty({ units, passport }: Pick<Examination, 'units' | 'passport'>): boolean {
  return passport.sizeBytes === 0 || (units.length === 1 && units[0]?.isReady === false)
}
