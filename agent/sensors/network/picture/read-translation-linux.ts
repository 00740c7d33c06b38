/**
 * Address translation that others have set up on this computer: rules of nftables straight from the kernel, the older
 * xtables by its own program; where there is no rule, connections under way that were translated by one. Only asks.
 */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type NetworkInterface, rawTextKey, type Sharing } from '@shoukou/protocol'
import { ERRNO } from '../../../base/libc-linux.ts'
import { NetlinkAsker } from '../../../base/netlink-dump-linux.ts'
import { parseTranslatedSources } from './parse-conntrack.ts'
import { isOfNftables, parseIptablesSave } from './parse-iptables-save.ts'
import { NFT_ALL_FAMILIES, NFT_GET_RULES, parseAlteringRule } from './parse-nft-rules.ts'
import type { PictureFiles } from './picture-files-linux.ts'
import { rawOfLatin1 } from './raw-words.ts'

const NETLINK_NETFILTER = 12
/** Tables of this product: they translate nothing, and are none of "others". */
const ownTable = 'shoukou'
const sourcesMax = 4
const saveTimeoutMs = 5_000
const saveBytesMax = 4_194_304
const run = promisify(execFile)

export interface SharingRead {
  readonly sharing: readonly Sharing[]
  /** A part of it could not be read. */
  readonly hasGap: boolean
}

/** Reads what translates addresses here. `asksKernel` false: recorded files alone. */
export async function readTranslation(
  files: PictureFiles,
  interfaces: readonly NetworkInterface[],
  asksKernel: boolean,
): Promise<SharingRead> {
  const [nft, legacy] = asksKernel
    ? await Promise.all([readNftRules(), readLegacyRules(files)])
    : [nothing, nothing]
  const own = new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)))
  const rules = unique([...nft.sharing, ...legacy.sharing])
  const sources = rules.some(({ service }) => service === 'address-translation')
    ? []
    : parseTranslatedSources(files.text('/proc/net/nf_conntrack'), own).slice(0, sourcesMax)
  return {
    sharing: [...rules, ...sources.map((from) => sharing('address-translation', `conntrack: from ${from}`))],
    hasGap: nft.hasGap || legacy.hasGap,
  }
}

const nothing: SharingRead = { sharing: [], hasGap: false }

async function readNftRules(): Promise<SharingRead> {
  try {
    const asker = await NetlinkAsker.open(NETLINK_NETFILTER)
    try {
      const answer = await asker.dumpInTurns(NFT_GET_RULES, NFT_ALL_FAMILIES)
      // EINVAL, EOPNOTSUPP: this kernel has no nftables, and then no rules of it.
      const isAbsent = answer.errno === ERRNO.EINVAL || answer.errno === ERRNO.EOPNOTSUPP
      const found = answer.bodies
        .map((body) => parseAlteringRule(body))
        .filter((rule) => rule !== null)
        .filter(({ table }) => table !== ownTable)
      return {
        sharing: found.map(({ service, detail }) => ({
          service,
          detail,
          port: null,
          pid: null,
          program: null,
        })),
        hasGap: answer.wasInterrupted || (answer.errno !== 0 && !isAbsent),
      }
    } finally {
      asker.close()
    }
  } catch {
    // No netlink or no right to ask: told as a gap.
    return { sharing: [], hasGap: true }
  }
}

/** Where the older tables hold no nat table there is nothing to ask; asking would create one. */
async function readLegacyRules(files: PictureFiles): Promise<SharingRead> {
  const read = await Promise.all([
    readLegacyTable(files, '/proc/net/ip_tables_names', ['iptables-legacy-save', 'iptables-save']),
    readLegacyTable(files, '/proc/net/ip6_tables_names', ['ip6tables-legacy-save', 'ip6tables-save']),
  ])
  return { sharing: read.flatMap((one) => one.sharing), hasGap: read.some((one) => one.hasGap) }
}

/** Before iptables 1.8 the program without `legacy` in its name was the only one, and this one. */
async function readLegacyTable(
  files: PictureFiles,
  names: string,
  programs: readonly string[],
): Promise<SharingRead> {
  if (!files.text(names).split('\n').includes('nat')) return nothing
  for (const program of programs) {
    const path = await findProgram(program)
    const text = path === null ? null : await readOutput(path)
    if (text === null || isOfNftables(text)) continue
    const rules = parseIptablesSave(text)
    return { sharing: rules.map((rule) => sharing('address-translation', rule)), hasGap: false }
  }
  return { sharing: [], hasGap: true }
}

async function readOutput(path: string): Promise<string | null> {
  try {
    const options = { encoding: 'latin1', timeout: saveTimeoutMs, maxBuffer: saveBytesMax, env: {} } as const
    return (await run(path, ['-t', 'nat'], options)).stdout
  } catch {
    // It failed, hung or said too much: the caller tells it as a gap.
    return null
  }
}

async function findProgram(name: string): Promise<string | null> {
  for (const folder of ['/usr/sbin', '/sbin', '/usr/bin']) {
    try {
      await access(`${folder}/${name}`)
      return `${folder}/${name}`
    } catch {
      // Not there: the next folder.
    }
  }
  return null
}

/** A rule that stands there twice is one. */
function unique(all: readonly Sharing[]): Sharing[] {
  return [...new Map(all.map((one) => [`${one.service} ${rawTextKey(one.detail)}`, one])).values()]
}

function sharing(service: Sharing['service'], latin1: string): Sharing {
  return { service, detail: rawOfLatin1(latin1), port: null, pid: null, program: null }
}
