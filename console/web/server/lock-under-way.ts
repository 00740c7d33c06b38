/** The ending of this page's session that is on its way: asked before it has arrived, nobody knows yet why it is over. */
let underWay: Promise<unknown> = Promise.resolve()

export function noteLock(ended: Promise<unknown>): void {
  underWay = ended.catch(() => undefined)
}

/** Resolves when no lock is on its way any more. */
export async function lockSettled(): Promise<void> {
  await underWay
}
