/** The agent's two clocks. The wall clock is a claim; the boot clock orders what happened within one boot. */
export interface Clock {
  /** Unix ms. */
  wallMs(): number
  /** ms since boot, suspend included. */
  bootMs(): number
  /** Names the boot; another after each start of the kernel. */
  readonly bootId: string
}
