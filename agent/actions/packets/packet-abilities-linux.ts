/** Asks nft(8) and the kernel what they can do: by tables that are made and taken away in one transaction, with no hook. */
import { ShoukouError } from '@shoukou/protocol'
import type { Nft } from './nft-linux.ts'
import { indexText } from './nft-text.ts'
import type { PacketAbilities } from './packet-ruleset.ts'

export type AbilitiesFound =
  | { readonly abilities: PacketAbilities; readonly lacks: readonly string[] }
  | { readonly abilities: null; readonly reason: string; readonly remedy: string }

const name = 'shoukou_probe'

/** Finds out. Never throws: what can't be asked is a reason. */
export async function findAbilities(nft: Nft): Promise<AbilitiesFound> {
  try {
    const version = await nft.version()
    if (version === null) return none('nft does not say its version', installNft)
    if ((version[0] ?? 0) < 1) return none(`nft ${version.join('.')} is too old`, installNft)
    const base = await ask(nft, 'inet', [
      `add set inet ${name} s { type inet_proto . ipv4_addr . inet_service; flags interval; }`,
      `add element inet ${name} s { 6 . 10.0.0.0/8 . 1-1000 }`,
      `add set inet ${name} d { type ipv4_addr . inet_service; size 16; flags dynamic,timeout; timeout 1m; }`,
      `add counter inet ${name} n`,
      `add rule inet ${name} c meta l4proto . ip daddr . th dport @s counter name n accept`,
      `add rule inet ${name} c add @d { ip daddr . th dport }`,
      `add rule inet ${name} c iif ${indexText(1)} limit rate 10/second log prefix "x" group 1 snaplen 64 accept`,
    ])
    if (base !== null) return refusedBase(base)
    const hasConntrack =
      (await ask(nft, 'inet', [`add rule inet ${name} c ct direction reply accept`])) === null
    const egress = `add chain netdev ${name} e { type filter hook egress device "lo" priority 0; policy accept; }`
    const hasEgress = (await ask(nft, 'netdev', [egress])) === null
    const mark = `add rule netdev ${name} c meta rtclassid 0-4294967295 accept`
    const hasRouteMark = hasEgress && (await ask(nft, 'netdev', [mark])) === null
    const abilities = { hasConntrack, hasEgress, hasRouteMark }
    return { abilities, lacks: lacksOf(abilities) }
  } catch (error) {
    if (error instanceof ShoukouError && codeOf(error.cause) === 'ENOENT')
      return none('nft is not installed', installNft)
    return none(`nft could not be run: ${error instanceof Error ? error.message : String(error)}`, installNft)
  }
}

/** Returns null where it could be done. */
async function ask(nft: Nft, family: 'inet' | 'netdev', lines: readonly string[]): Promise<string | null> {
  const table = `${family} ${name}`
  const script = [`add table ${table}`, `add chain ${table} c`, ...lines, `delete table ${table}`, '']
  const { isDone, fault } = await nft.run(script.join('\n'))
  return isDone ? null : fault
}

function refusedBase(fault: string): AbilitiesFound {
  if (/Operation not permitted|Permission denied/.test(fault))
    return none(
      'the kernel does not let the agent set packet rules',
      'run the agent as root, with CAP_NET_ADMIN',
    )
  return none(
    'the kernel has no nf_tables as it is needed',
    'needs Linux 5.6 or newer with nf_tables, nft_log and nft_limit',
  )
}

const installNft = 'install nftables 1.0.0 or newer'

function none(reason: string, remedy: string): AbilitiesFound {
  return { abilities: null, reason, remedy }
}

function lacksOf({ hasConntrack, hasEgress, hasRouteMark }: PacketAbilities): string[] {
  return [
    ...(hasConntrack
      ? []
      : ['no connection tracking: answers are told from connections by addresses and ports alone']),
    ...(hasEgress
      ? []
      : ['frames sent below IP are not seen: this kernel has no rules at the egress of interfaces']),
    ...(!hasEgress || hasRouteMark
      ? []
      : ['IP packets sent through packet sockets are not seen: this kernel can not tell them from others']),
  ]
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : null
}
