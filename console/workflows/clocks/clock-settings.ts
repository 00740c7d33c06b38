/** Who is told when time runs out, the unit's time zone, the day of the yearly hand-in. Pure. */
import { ShoukouError } from '@shoukou/protocol'
import { DEFAULT_ZONE, isZone } from '../../rules/deadlines.ts'
import type { ClockSettings, EscalationStep } from '../../store/clock-ports.ts'

const hour = 60
const day = 24 * hour

/** Three steps up, for each clock: nobody is named yet. */
const defaultSteps: readonly EscalationStep[] = [
  { clock: 'leak-report', leftMinutes: 24 * hour, role: 'sec-admin', person: '' },
  { clock: 'leak-report', leftMinutes: 12 * hour, role: 'office-head', person: '' },
  { clock: 'leak-report', leftMinutes: 4 * hour, role: 'committee', person: '' },
  { clock: 'leak-report', leftMinutes: 0, role: 'committee', person: '' },
  { clock: 'leak-result', leftMinutes: 30 * day, role: 'sec-admin', person: '' },
  { clock: 'leak-result', leftMinutes: 7 * day, role: 'office-head', person: '' },
  { clock: 'leak-result', leftMinutes: 0, role: 'committee', person: '' },
  { clock: 'missing-carrier', leftMinutes: 5 * day, role: 'office-head', person: '' },
  { clock: 'missing-carrier', leftMinutes: 0, role: 'committee', person: '' },
  { clock: 'rectification', leftMinutes: 3 * day, role: 'sec-admin', person: '' },
  { clock: 'rectification', leftMinutes: 0, role: 'office-head', person: '' },
]

export const DEFAULT_CLOCK_SETTINGS: ClockSettings = {
  zone: DEFAULT_ZONE,
  hasSuperior: true,
  handIn: { isOn: true, month: 12, day: 31 },
  steps: defaultSteps,
}

export const CLOCK_STEPS_MAX = 40

/** The name under which a step is told once for each clock. */
export function stepName({ leftMinutes, role }: EscalationStep): string {
  return `${leftMinutes} ${role}`
}

/** @throws ShoukouError `invalid-request` with words for a person. */
export function assertClockSettings({ zone, handIn, steps }: ClockSettings): void {
  const refuse = (why: string): never => {
    throw new ShoukouError('invalid-request', why)
  }
  if (!isZone(zone)) refuse('No time zone has this name; write one like Asia/Shanghai.')
  // Every year has that day: the 29th of February has not.
  const last = new Date(Date.UTC(2025, handIn.month, 0)).getUTCDate()
  if (handIn.day > last) refuse('Not every year has this day; choose another one.')
  if (new Set(steps.map((step) => `${step.clock} ${stepName(step)}`)).size !== steps.length)
    refuse('One step stands there twice; take one away.')
  if (!steps.some(({ clock }) => clock === 'leak-report'))
    refuse('Somebody must be told of a report that is due; keep a step for it.')
}
