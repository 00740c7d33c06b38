/** The first Ctrl-C (or TERM) asks to stop; a second one ends this process at once. */
export function stopOnSignal(): { readonly asked: Promise<void>; isAsked(): boolean } {
  let isAsked = false
  const asked = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      // A terminal's Ctrl-C reaches this process twice under npm: once from the terminal, once handed on by npm.
      if (isAsked && performance.now() - askedAt > secondSignalMs) process.exit(130)
      if (!isAsked) askedAt = performance.now()
      isAsked = true
      resolve()
    }
    let askedAt = 0
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    process.on('SIGHUP', onSignal)
  })
  return { asked, isAsked: () => isAsked }
}

const secondSignalMs = 500
