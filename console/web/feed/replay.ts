/**
 * Messages of the last moments, so that an answer that was under way when they came does not take them back: what the
 * console read before a violation was there is put right by the violation itself. Pure, bounded.
 */
export interface Heard<Message> {
  readonly at: number
  readonly message: Message
}

export const replayMessagesMax = 2_000

/** Returns what is kept after new messages; the oldest fall out at the bound. */
export function keepHeard<Message>(
  kept: readonly Heard<Message>[],
  messages: readonly Message[],
  at: number,
): readonly Heard<Message>[] {
  return [...kept, ...messages.map((message) => ({ at, message }))].slice(-replayMessagesMax)
}

/**
 * Returns the messages that came after a question was sent; null where so many came that some of them are gone: the question
 * must be asked again.
 */
export function heardSince<Message>(
  kept: readonly Heard<Message>[],
  since: number,
): readonly Message[] | null {
  const oldest = kept[0]
  if (kept.length >= replayMessagesMax && oldest !== undefined && oldest.at >= since) return null
  return kept.filter(({ at }) => at >= since).map(({ message }) => message)
}
