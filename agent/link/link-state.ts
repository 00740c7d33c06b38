/**
 * The link's state machine: pure. Events come in, the next state and what to do come out; `link.ts` does it.
 *
 *   waiting → connecting → greeting → checking → streaming → waiting …
 *
 * `checking` compares what the console has with our own journal before a record is sent.
 */
import {
  type CeilingFrame,
  type CommandFrame,
  ERROR_CODES,
  type ErrorCode,
  type ErrorFrame,
  LIMITS,
  type PolicyFrame,
  type Position,
  type WelcomeFrame,
} from '@shoukou/protocol'
import { fullJitterDelayMs } from '../base/backoff.ts'

export interface Window {
  readonly records: number
  readonly bytes: number
}

export interface InFlight {
  readonly lastSeq: number
  /** The chain head after it, hex: an acknowledgement must name the same. */
  readonly head: string
  readonly records: number
  readonly bytes: number
}

export type LinkState =
  | { readonly phase: 'waiting'; readonly attempt: number; readonly trouble: LinkTrouble | null }
  | {
      readonly phase: 'connecting' | 'greeting'
      readonly attempt: number
      readonly trouble: LinkTrouble | null
      readonly heardAt: number
    }
  | (Connected & { readonly phase: 'checking' })
  | (Connected & {
      readonly phase: 'streaming'
      /** The next number to read. */
      readonly nextSeq: number
      readonly inFlight: readonly InFlight[]
      /** A read is under way: one at a time, so that frames leave in order. */
      readonly isReading: boolean
    })
  | { readonly phase: 'stopped' }

interface Connected {
  readonly attempt: number
  readonly trouble: LinkTrouble | null
  readonly heardAt: number
  readonly connectedAt: number
  readonly window: Window
  readonly heartbeatMs: number
}

/** Why there is no connection, or why the last one ended. */
export interface LinkTrouble {
  readonly code: string
  readonly message: string
  /** Trying again soon cannot help: somebody must act. */
  readonly needsSomebody: boolean
}

export type LinkEvent =
  | { readonly kind: 'start'; readonly at: number }
  | { readonly kind: 'retry-due'; readonly at: number }
  | { readonly kind: 'opened'; readonly at: number }
  | { readonly kind: 'heard'; readonly at: number }
  | { readonly kind: 'welcome'; readonly frame: WelcomeFrame; readonly at: number }
  | { readonly kind: 'checked'; readonly nextSeq: number }
  | { readonly kind: 'ack'; readonly stored: Position; readonly receipt: string }
  | { readonly kind: 'ceiling'; readonly frame: CeilingFrame }
  | { readonly kind: 'policy'; readonly frame: PolicyFrame }
  | { readonly kind: 'command'; readonly frame: CommandFrame }
  | { readonly kind: 'error'; readonly frame: ErrorFrame }
  | { readonly kind: 'journal-grew' }
  /** A read ended: what was sent, or null where there was nothing. */
  | { readonly kind: 'sent'; readonly frame: InFlight | null }
  /** Our journal is not what it was when we said hello: say it again. */
  | { readonly kind: 'journal-changed' }
  | { readonly kind: 'bad-frame'; readonly code: ErrorCode; readonly message: string }
  | {
      readonly kind: 'closed'
      readonly at: number
      readonly random: number
      readonly trouble: LinkTrouble | null
    }
  | { readonly kind: 'silence-check'; readonly at: number }
  | { readonly kind: 'stop' }

export type LinkEffect =
  | { readonly kind: 'connect' }
  | { readonly kind: 'retry-in'; readonly ms: number }
  | { readonly kind: 'say-hello' }
  | { readonly kind: 'check-stored'; readonly stored: Position | null; readonly receipt: string | null }
  | { readonly kind: 'start-heartbeats'; readonly everyMs: number }
  | { readonly kind: 'send-records'; readonly fromSeq: number; readonly window: Window }
  | { readonly kind: 'acknowledge'; readonly stored: Position; readonly receipt: string }
  | { readonly kind: 'take-ceiling'; readonly frame: CeilingFrame }
  | { readonly kind: 'take-policy'; readonly frame: PolicyFrame }
  | { readonly kind: 'take-command'; readonly frame: CommandFrame }
  | { readonly kind: 'send-error'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'close' }

export interface Step {
  readonly state: LinkState
  readonly effects: readonly LinkEffect[]
}

const bounds = { delayMsMin: LIMITS.reconnectDelayMsMin, delayMsMax: LIMITS.reconnectDelayMsMax }
/** A connection that lasted this long starts the delays anew. */
const stableMs = 30_000

export const INITIAL_LINK_STATE: LinkState = { phase: 'waiting', attempt: 0, trouble: null }

/** Returns the next state and what to do. */
export function step(state: LinkState, event: LinkEvent): Step {
  if (state.phase === 'stopped') return stay(state)
  switch (event.kind) {
    case 'start':
    case 'retry-due':
      if (state.phase !== 'waiting') return stay(state)
      return {
        state: { ...pick(state), phase: 'connecting', heardAt: event.at },
        effects: [{ kind: 'connect' }],
      }
    case 'opened':
      if (state.phase !== 'connecting') return stay(state)
      // From here on it is this connection's own trouble that counts.
      return {
        state: { ...state, phase: 'greeting', trouble: null, heardAt: event.at },
        effects: [{ kind: 'say-hello' }],
      }
    case 'heard':
      return state.phase === 'waiting' ? stay(state) : stay({ ...state, heardAt: event.at })
    case 'welcome':
      return onWelcome(state, event)
    case 'checked':
      if (state.phase !== 'checking') return stay(state)
      return sendMore({
        ...state,
        phase: 'streaming',
        nextSeq: event.nextSeq,
        inFlight: [],
        isReading: false,
      })
    case 'ack':
      return onAck(state, event)
    case 'ceiling':
      return isGreeted(state)
        ? { state, effects: [{ kind: 'take-ceiling', frame: event.frame }] }
        : refuse(state, 'ceiling')
    case 'policy':
      return isGreeted(state)
        ? { state, effects: [{ kind: 'take-policy', frame: event.frame }] }
        : refuse(state, 'policy')
    case 'command':
      return isGreeted(state)
        ? { state, effects: [{ kind: 'take-command', frame: event.frame }] }
        : refuse(state, 'command')
    case 'error':
      return onError(state, event.frame)
    case 'journal-grew':
      return sendMore(state)
    case 'sent':
      return onSent(state, event.frame)
    case 'journal-changed':
      return isGreeted(state) ? { state, effects: [{ kind: 'close' }] } : stay(state)
    case 'bad-frame': {
      const trouble = { code: event.code, message: event.message, needsSomebody: false }
      return {
        state: { ...state, trouble },
        effects: [{ kind: 'send-error', code: event.code, message: event.message }, { kind: 'close' }],
      }
    }
    case 'closed':
      return onClosed(state, event)
    case 'silence-check':
      if (state.phase === 'waiting' || event.at - state.heardAt <= LIMITS.connectionSilentMsMax)
        return stay(state)
      return {
        state: {
          ...state,
          trouble: {
            code: 'connection-silent',
            message: ERROR_CODES['connection-silent'].text,
            needsSomebody: false,
          },
        },
        effects: [{ kind: 'close' }],
      }
    case 'stop':
      return { state: { phase: 'stopped' }, effects: state.phase === 'waiting' ? [] : [{ kind: 'close' }] }
  }
}

/** Records and bytes sent and not acknowledged. */
export function inFlightOf(state: LinkState): Window {
  if (state.phase !== 'streaming') return { records: 0, bytes: 0 }
  return {
    records: state.inFlight.reduce((sum, each) => sum + each.records, 0),
    bytes: state.inFlight.reduce((sum, each) => sum + each.bytes, 0),
  }
}

type Running = Exclude<LinkState, { phase: 'stopped' }>

function stay(state: LinkState): Step {
  return { state, effects: [] }
}

function pick(state: Running): { attempt: number; trouble: LinkTrouble | null } {
  return { attempt: state.attempt, trouble: state.trouble }
}

function isGreeted(state: LinkState): boolean {
  return state.phase === 'checking' || state.phase === 'streaming'
}

function onWelcome(
  state: Running,
  { frame, at }: { readonly frame: WelcomeFrame; readonly at: number },
): Step {
  if (state.phase !== 'greeting') return refuse(state, 'welcome')
  const { window, heartbeatMs, stored, receipt } = frame
  return {
    state: { ...pick(state), phase: 'checking', heardAt: at, connectedAt: at, window, heartbeatMs },
    effects: [
      { kind: 'start-heartbeats', everyMs: heartbeatMs },
      { kind: 'check-stored', stored, receipt },
    ],
  }
}

function onAck(
  state: Running,
  { stored, receipt }: { readonly stored: Position; readonly receipt: string },
): Step {
  if (state.phase !== 'streaming') return refuse(state, 'ack')
  if (stored.seq >= state.nextSeq) return refuse(state, 'ack of a record that was not sent')
  const isOther = state.inFlight.some((each) => each.lastSeq === stored.seq && each.head !== stored.head)
  if (isOther) return refuse(state, 'ack of another content')
  const inFlight = state.inFlight.filter((each) => each.lastSeq > stored.seq)
  const next = sendMore({ ...state, inFlight, trouble: null })
  return { state: next.state, effects: [{ kind: 'acknowledge', stored, receipt }, ...next.effects] }
}

function onSent(state: Running, frame: InFlight | null): Step {
  if (state.phase !== 'streaming') return stay(state)
  if (frame === null) return stay({ ...state, isReading: false })
  return sendMore({
    ...state,
    isReading: false,
    nextSeq: frame.lastSeq + 1,
    inFlight: [...state.inFlight, frame],
  })
}

/** Sends what the console's window still has room for. At least one record always may be under way. */
function sendMore(state: LinkState): Step {
  if (state.phase !== 'streaming' || state.isReading) return stay(state)
  const used = inFlightOf(state)
  const room = { records: state.window.records - used.records, bytes: state.window.bytes - used.bytes }
  if (used.records > 0 && (room.records < 1 || room.bytes < LIMITS.recordBytesMax)) return stay(state)
  const window = {
    records: Math.max(1, Math.min(room.records, LIMITS.recordsPerFrameMax)),
    bytes: Math.max(1, Math.min(room.bytes, frameRawBytesMax)),
  }
  return {
    state: { ...state, isReading: true },
    effects: [{ kind: 'send-records', fromSeq: state.nextSeq, window }],
  }
}

/** Leaves room in a frame for its header and the length of each record. */
const frameRawBytesMax = LIMITS.frameBytesMax - 4 * LIMITS.recordsPerFrameMax - 4_096

function onError(state: Running, frame: ErrorFrame): Step {
  const known = Object.hasOwn(ERROR_CODES, frame.code) ? ERROR_CODES[frame.code as ErrorCode] : null
  const trouble = { code: frame.code, message: frame.message, needsSomebody: !frame.retryable }
  // Codes of a newer console are unknown here: an error that we do not understand ends the connection.
  return { state: { ...state, trouble }, effects: known?.closes === false ? [] : [{ kind: 'close' }] }
}

function onClosed(
  state: Running,
  event: { readonly at: number; readonly random: number; readonly trouble: LinkTrouble | null },
): Step {
  if (state.phase === 'waiting') return stay(state)
  const wasStable = 'connectedAt' in state && event.at - state.connectedAt >= stableMs
  const attempt = wasStable ? 0 : state.attempt
  // While it was not even open, what an earlier attempt ran into says nothing of this one.
  const trouble =
    state.phase === 'connecting' ? (event.trouble ?? state.trouble) : (state.trouble ?? event.trouble)
  const ms =
    trouble?.needsSomebody === true ? bounds.delayMsMax : fullJitterDelayMs(attempt, bounds, event.random)
  return { state: { phase: 'waiting', attempt: attempt + 1, trouble }, effects: [{ kind: 'retry-in', ms }] }
}

function refuse(state: Running, what: string): Step {
  const message = `Unexpected ${what}.`
  return {
    state: { ...state, trouble: { code: 'unexpected-frame', message, needsSomebody: false } },
    effects: [{ kind: 'send-error', code: 'unexpected-frame', message }, { kind: 'close' }],
  }
}
