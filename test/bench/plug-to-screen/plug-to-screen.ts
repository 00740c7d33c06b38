/** From the plug to the screen: the whole path in a guest, and the same path on the host fed with recorded events. */
import type { Bench } from '../bench.ts'
import { quantile } from '../figures.ts'
import { measureInGuest } from './guest-arm.ts'
import { measureNative } from './native-arm.ts'

/** The native arm costs half a second a plug: its p99 is of as many as a full run has. */
const nativePlugs = 100

export const plugToScreen: Bench = async ({ isQuick, n, say }) => {
  const plugs = n ?? (isQuick ? 20 : 100)
  const native = await measureNative(nativePlugs)
  say(`native: median ${quantile(native, 0.5).toFixed(1)} ms of ${native.length} plugs`)
  const inGuest = await measureInGuest(plugs, say)
  return {
    median_ms: quantile(inGuest, 0.5),
    p99_ms: quantile(inGuest, 0.99),
    native_p99_ms: quantile(native, 0.99),
    n: inGuest.length,
  }
}
