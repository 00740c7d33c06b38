/** The feed's messages as `text/event-stream` (HTML Living Standard §9.2), each made once for all open pages. */
import { mayReach, type ViewScope } from '@shoukou/protocol'
import type { FeedMessage } from '../feed/ports.ts'
import type { Store } from '../store/ports.ts'
import type { FeedEventName } from './contract.ts'
import type { ComputerReader } from './read-computers.ts'
import { violationItem } from './view/violation-view.ts'

/** Whoever follows the feed. */
export interface FeedReader {
  readonly mayReadViolations: boolean
  readonly scope: ViewScope
}

export type WriteMessage = (message: FeedMessage, reader: FeedReader) => Promise<string>

/** Returns a writer. What a reader may not see is told as a place without an event, so that it is not asked for again. */
export function createMessageWriter(
  computers: ComputerReader,
  store: Pick<Store, 'departmentOf'>,
): WriteMessage {
  const made = {
    all: new WeakMap<FeedMessage, Promise<string>>(),
    withoutViolations: new WeakMap<FeedMessage, Promise<string>>(),
  }

  async function write({ event, ...place }: FeedMessage, mayReadViolations: boolean): Promise<string> {
    switch (event.kind) {
      case 'violation':
      case 'violation-ended':
      case 'violation-changed':
        return mayReadViolations
          ? eventText(event.kind, violationItem(event.violation), place)
          : placeText(place)
      case 'computer':
        return eventText('computer', await computers.one(event.computer, mayReadViolations), place)
      case 'departments':
        return placeText(place)
    }
  }

  /** As the department is now: a message may wait here, and in the ring for those who come again. */
  async function isReached({ event }: FeedMessage, scope: ViewScope): Promise<boolean> {
    if (scope.kind === 'unit' || event.kind === 'departments') return true
    // What the registers say is of no computer: it belongs where its medium does.
    const place =
      event.kind === 'computer'
        ? store.departmentOf('computer', event.computer.agent)
        : store.departmentOf('violation', String(event.violation.id))
    return mayReach(scope, (await place)?.department ?? null)
  }

  return async (message, { mayReadViolations, scope }) => {
    const { event, ...place } = message
    if (scope.kind === 'department' && event.kind === 'departments') return eventText('resync', {}, place)
    if (!(await isReached(message, scope))) return placeText(place)
    const cache = mayReadViolations ? made.all : made.withoutViolations
    const text = cache.get(message) ?? write(message, mayReadViolations)
    cache.set(message, text)
    return text
  }
}

interface Place {
  readonly session: string
  readonly id: number
}

/** Returns one event. JSON has no line break of its own, so that nothing in the data can end the event. */
export function eventText(name: FeedEventName, data: unknown, place: Place): string {
  return `id: ${placeName(place)}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Returns a place alone: a browser keeps it and tells it when it comes again; no event is fired. */
export function placeText(place: Place): string {
  return `id: ${placeName(place)}\n\n`
}

/** Reads the place that a browser sent back; null where it is none. */
export function parsePlace(text: string): Place | null {
  const match = /^([A-Za-z0-9-]{1,64})\.(\d{1,15})$/.exec(text)
  return match?.[1] === undefined ? null : { session: match[1], id: Number(match[2]) }
}

function placeName({ session, id }: Place): string {
  return `${session}.${id}`
}
