/** usb-detection, an optional native module that needs a compiler at installation: loaded where it was built. */
export type UsbDetection =
  | { readonly kind: 'loaded'; start(onHint: () => void): void; stop(): void }
  | { readonly kind: 'absent'; readonly reason: string }

interface UsbDetectionModule {
  startMonitoring(): void
  stopMonitoring(): void
  on(event: 'change', listener: () => void): unknown
  removeAllListeners?(event?: string): unknown
}

/** Loads it; its absence is an answer, not an error. */
export async function loadUsbDetection(): Promise<UsbDetection> {
  try {
    // A name in a variable: the module may be absent when types are checked and when code is bundled.
    const name = 'usb-detection'
    const loaded = (await import(name)) as { default: UsbDetectionModule }
    const usb = loaded.default
    return {
      kind: 'loaded',
      start(onHint) {
        usb.on('change', onHint)
        usb.startMonitoring()
      },
      stop() {
        usb.stopMonitoring()
      },
    }
  } catch (error) {
    const first = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
    return { kind: 'absent', reason: first.slice(0, 200) }
  }
}
