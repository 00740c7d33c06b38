/** When a page rings: one person's choice in one browser, off until switched on. Pure but for the browser's storage at the end. */
import type { Severity } from '../violations/filter-address.ts'
import { severities } from '../violations/filter-address.ts'

export interface AlarmChoice {
  readonly severities: readonly Severity[]
  /** A critical one rings again and again until somebody says that they heard it, or acknowledges the violation. */
  readonly repeatsCritical: boolean
}

export const silentChoice: AlarmChoice = { severities: [], repeatsCritical: false }

/** Reads a kept choice; what is not one is silence. */
export function parseChoice(text: string | null): AlarmChoice {
  if (text === null) return silentChoice
  try {
    const value = JSON.parse(text) as Partial<Record<keyof AlarmChoice, unknown>> | null
    const named: readonly unknown[] = Array.isArray(value?.severities) ? value.severities : []
    return {
      severities: severities.filter((severity) => named.includes(severity)),
      repeatsCritical: value?.repeatsCritical === true,
    }
  } catch {
    return silentChoice
  }
}

/** Returns the choice with one severity switched. */
export function switchSeverity(choice: AlarmChoice, severity: Severity): AlarmChoice {
  const isOn = choice.severities.includes(severity)
  return {
    ...choice,
    severities: severities.filter((one) => (one === severity ? !isOn : choice.severities.includes(one))),
  }
}

const keyOf = (account: string): string => `shoukou.alarm.${account}`

export function readChoice(account: string): AlarmChoice {
  try {
    return parseChoice(localStorage.getItem(keyOf(account)))
  } catch {
    // A browser may refuse storage altogether: then it is silent until switched on.
    return silentChoice
  }
}

export function keepChoice(account: string, choice: AlarmChoice): void {
  try {
    localStorage.setItem(keyOf(account), JSON.stringify(choice))
  } catch (cause) {
    console.warn('the choice of sounds could not be kept', cause)
  }
}
