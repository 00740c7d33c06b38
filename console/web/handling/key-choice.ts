/**
 * Whether single keys act in this browser: on until somebody switches them off. Who speaks to the computer, or whose hand
 * strikes a key too many, must be able to (WCAG 2.1.4).
 */
const storageKey = 'shoukou.keys'
const off = 'off'

export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(storageKey) !== off
  } catch {
    // A browser may refuse storage altogether: then there is no choice to read.
    return true
  }
}

export function keepKeys(areOn: boolean): void {
  try {
    if (areOn) localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, off)
  } catch (cause) {
    console.warn('the choice of keys could not be kept', cause)
  }
}
