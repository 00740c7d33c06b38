/** Names, for each event of a net, the rule by which it is not approved. Pure; answers are kept while the policy is the same. */
import {
  approvedDestinations,
  type Destination,
  type DestinationPolicy,
  judgeDestination,
  type Peer,
  parseAddress,
} from '@shoukou/protocol'
import type { ConnectionEvent } from '../../actions/connections/connection-net.ts'
import type { PacketEvent } from '../../actions/packets/packet-net.ts'

const answersMax = 8_192

export interface FlowVerdict {
  readonly isApproved: boolean
  readonly rule: string
}

export class FlowRules {
  readonly #policy: DestinationPolicy
  readonly #approved: readonly Destination[]
  readonly #isIsolated: boolean
  readonly #answers = new Map<string, FlowVerdict>()

  constructor(policy: DestinationPolicy, isIsolated: boolean) {
    this.#policy = policy
    this.#approved = approvedDestinations(policy)
    this.#isIsolated = isIsolated
  }

  /** Judges what a program did. What the kernel told under rules that have changed since is still told. */
  ofConnection({ act, peer, protocol }: Pick<ConnectionEvent, 'act' | 'peer' | 'protocol'>): FlowVerdict {
    if (act === 'socket') return refused('raw-socket')
    if (act === 'bind') return refused('listener')
    if (act === 'accepted') return refused('unapproved-listener')
    return this.#ofPeer(peer, protocol)
  }

  ofPacket({
    act,
    destination,
    protocol,
  }: Pick<PacketEvent, 'act' | 'destination' | 'protocol'>): FlowVerdict {
    if (act === 'incoming') return refused('unapproved-listener')
    if (act === 'forwarded') return refused('forwarded')
    if (act === 'frame') return refused('frame-below-ip')
    return this.#ofPeer(destination, protocol)
  }

  #ofPeer(peer: Peer | null, protocol: number): FlowVerdict {
    const key = `${protocol}|${peer?.address ?? ''}|${peer?.port ?? ''}`
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    const answer = this.#judge(peer, protocol)
    if (this.#answers.size >= answersMax) this.#answers.clear()
    this.#answers.set(key, answer)
    return answer
  }

  #judge(peer: Peer | null, protocol: number): FlowVerdict {
    const address = peer === null ? null : parseAddress(peer.address)
    if (peer === null || address === null) return refused('outside-approved')
    const verdict = judgeDestination(this.#approved, { address, port: peer.port, protocol }, this.#policy)
    if (!verdict.isApproved) return verdict
    return this.#isIsolated && verdict.rule !== 'loopback' && verdict.rule !== 'console-link'
      ? refused('isolated')
      : verdict
  }
}

function refused(rule: string): FlowVerdict {
  return { isApproved: false, rule }
}
