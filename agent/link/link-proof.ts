/**
 * What the link says and takes for the agent's own protection: that it runs now, how far its journal is sealed, and the keys
 * that the console gives it. Orders of it are none: a key is taken only where it is missing or older.
 */
import { randomUUID } from 'node:crypto'
import {
  challengeAnswer,
  type HeartbeatFrame,
  type HelloFrame,
  type KeysFrame,
  type Position,
} from '@shoukou/protocol'
import { isErrno } from '../base/atomic-file.ts'
import type { Log } from '../base/log.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { readRemovalKey, writeRemovalKey } from './protection-keys.ts'
import { DISK_FAULTS } from './take-orders.ts'

/** As much of the journal's sealer as the link needs. */
export interface SealTaker {
  readonly nextIndex: number | null
  take(generation: number, key: Buffer): Promise<boolean>
}

export class LinkProof {
  readonly #sealer: SealTaker
  readonly #folder: StateFolder
  readonly #log: Log
  /** Names this run of the agent. */
  readonly #run = randomUUID()
  #hasRemovalKey: boolean
  #nonce: string | null = null

  private constructor(parts: { sealer: SealTaker; folder: StateFolder; log: Log }, hasRemovalKey: boolean) {
    this.#sealer = parts.sealer
    this.#folder = parts.folder
    this.#log = parts.log
    this.#hasRemovalKey = hasRemovalKey
  }

  static async open(parts: {
    readonly sealer: SealTaker
    readonly folder: StateFolder
    readonly log: Log
  }): Promise<LinkProof> {
    return new LinkProof(parts, (await readRemovalKey(parts.folder)) !== null)
  }

  /** What hello says. */
  get hello(): Exclude<HelloFrame['protection'], undefined> {
    return { run: this.#run, nextSeal: this.#sealer.nextIndex, hasRemovalKey: this.#hasRemovalKey }
  }

  /** A challenge came: the next heartbeat answers it. */
  challenged(nonce: string): void {
    this.#nonce = nonce
  }

  /** The part of a heartbeat that answers; empty where nothing was asked. */
  answer(journal: Position): Pick<HeartbeatFrame, 'answer'> {
    const nonce = this.#nonce
    this.#nonce = null
    return nonce === null ? {} : { answer: { nonce, digest: challengeAnswer(nonce, this.#run, journal) } }
  }

  /** Takes keys from the console; what is here already stays. */
  async take({ seal, removalKey }: KeysFrame): Promise<void> {
    if (seal !== null && (await this.#sealer.take(seal.generation, Buffer.from(seal.key, 'base64url'))))
      this.#log.info({ generation: seal.generation }, 'a key for the journal’s seals was given')
    if (removalKey === null || this.#hasRemovalKey) return
    try {
      await writeRemovalKey(this.#folder, removalKey)
      this.#hasRemovalKey = true
    } catch (fault) {
      if (!isErrno(fault, ...DISK_FAULTS)) throw fault
      // The next hello says that it is missing; until then records go on leaving over this connection.
      const { code } = fault as NodeJS.ErrnoException
      this.#log.error({ code: String(code) }, 'the key of removal codes could not be written down')
    }
  }
}
