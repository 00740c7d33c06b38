/** Names, for each event of a net, the rule by which it is not approved. Pure; answers are kept while the policy is the same. */
import {
  type ApprovedListener,
  alwaysReachable,
  approvedDestinations,
  contains,
  type Destination,
  type DestinationPolicy,
  judgeDestination,
  kindOf,
  type Peer,
  PROTOCOL_NUMBERS,
  parseAddress,
  parsePrefix,
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
  readonly #always: readonly Destination[]
  readonly #isIsolated: boolean
  readonly #answers = new Map<string, FlowVerdict>()

  constructor(policy: DestinationPolicy, isIsolated: boolean) {
    this.#policy = policy
    this.#approved = approvedDestinations(policy)
    this.#always = alwaysReachable(policy)
    this.#isIsolated = isIsolated
  }

  /** Judges what a program did. What the kernel told under rules that have changed since is still told. */
  ofConnection(event: Pick<ConnectionEvent, 'act' | 'peer' | 'local' | 'protocol'>): FlowVerdict {
    const { act, peer, local, protocol } = event
    if (act === 'socket') return refused('raw-socket')
    if (act === 'bind') return this.#ofPort(protocol, local?.port ?? null)
    if (act === 'accepted') return this.#ofCaller(protocol, peer, local?.port ?? null)
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

  /** A port that is opened is no connection: told where the unit says which ports there are, or that there are none. */
  #ofPort(protocol: number, port: number | null): FlowVerdict {
    const { networkMode, rules } = this.#policy
    if (networkMode !== 'standalone' && rules === null) return approved('no-rules')
    const isListed = (rules?.listeners ?? []).some((each) => isPort(each, protocol, port))
    return isListed ? approved('approved-listener') : refused('listener')
  }

  /** Who may connect to this computer: those that the unit lists; without its rules, its own kind of addresses. */
  #ofCaller(protocol: number, peer: Peer | null, port: number | null): FlowVerdict {
    const { networkMode, rules } = this.#policy
    const address = peer === null ? null : parseAddress(peer.address)
    if (address === null || networkMode === 'standalone') return refused('unapproved-listener')
    if (this.#isIsolated) return refused('isolated')
    if (rules === null) {
      const kind = kindOf(address)
      const isNear = kind === 'private' || kind === 'link-local' || kind === 'loopback'
      return isNear ? approved('private-address') : refused('unapproved-listener')
    }
    const isListed = rules.listeners.some((each) => {
      const prefix = parsePrefix(each.prefix)
      return isPort(each, protocol, port) && prefix !== null && contains(prefix, address)
    })
    return isListed ? approved('approved-listener') : refused('unapproved-listener')
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
    if (!this.#isIsolated) return verdict
    const to = { address, port: peer.port, protocol }
    return judgeDestination(this.#always, to, this.#policy).isApproved ? verdict : refused('isolated')
  }
}

function isPort({ protocol, ports }: ApprovedListener, number: number, port: number | null): boolean {
  return PROTOCOL_NUMBERS[protocol] === number && port !== null && ports.first <= port && port <= ports.last
}

function approved(rule: string): FlowVerdict {
  return { isApproved: true, rule }
}

function refused(rule: string): FlowVerdict {
  return { isApproved: false, rule }
}
