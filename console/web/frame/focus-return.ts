/**
 * When a dialog goes away, whoever uses the keyboard is again where they were: the component kit sees to it only for dialogs
 * that it closes itself, and most of ours go away with what they were about.
 */
const placesMax = 6
const dialog = '.ant-modal-root'

/** Watches the home of dialogs; returns how to stop. */
export function watchDialogs(home: HTMLElement, content: () => HTMLElement | null): () => void {
  /** Newest last: a menu's entry is gone by the time, the button that opened the menu is not. */
  let places: HTMLElement[] = []
  let wasInDialog = false
  const note = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement)) return
    if (target.closest(dialog) !== null) wasInDialog = true
    else {
      wasInDialog = false
      places = [...places.filter((one) => one !== target), target].slice(-placesMax)
    }
  }
  const observer = new MutationObserver(() => {
    if (!wasInDialog || home.querySelector(dialog) !== null) return
    wasInDialog = false
    if (hasFocus()) return
    for (const place of places.toReversed()) {
      place.focus({ preventScroll: true })
      if (hasFocus()) return
    }
    content()?.focus({ preventScroll: true })
  })
  home.ownerDocument.addEventListener('focusin', note)
  observer.observe(home, { childList: true })
  return () => {
    home.ownerDocument.removeEventListener('focusin', note)
    observer.disconnect()
  }

  function hasFocus(): boolean {
    const { activeElement, body } = home.ownerDocument
    return activeElement !== null && activeElement !== body
  }
}
