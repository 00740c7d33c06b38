/**
 * Drafts a ceiling from what a console has: nothing that is in use becomes forbidden, and nothing else is allowed. Whoever
 * signs narrows it further. Pure.
 */
import {
  CEILING_COMMANDS,
  CEILING_LIMITS,
  type Ceiling,
  type CeilingKey,
  DEFAULT_POLICY_SETTINGS,
  exportAfterMsOf,
  LEVELS,
  type LevelCeiling,
  modeRank,
  type PolicySettings,
} from '@shoukou/protocol'
import {
  covers,
  formatPrefix,
  hostPrefix,
  kindOf,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol/network/addresses.ts'

export interface CeilingDraft {
  readonly unit: string
  readonly version: number
  readonly keys: readonly CeilingKey[]
  /** Base64 SPKI. */
  readonly dailyKey: string
  /** Settings in force on enrolled computers. */
  readonly settings: readonly PolicySettings[]
  /** Networks that the unit names beside those in use. */
  readonly within: readonly string[]
  readonly now: number
}

const day = 86_400_000
/** The daily key is to be vouched for anew each year; a month more, so that nobody is late. */
const dailyKeyDays = 396

/** Returns the draft; addresses of the Internet that policies approve are left out, and are for the signers to decide on. */
export function draftCeiling(draft: CeilingDraft): {
  readonly ceiling: Ceiling
  readonly leftOut: readonly string[]
} {
  const { unit, version, keys, dailyKey, settings, now } = draft
  const { within, leftOut } = networksOf(draft)
  // A console that nobody is enrolled at yet: what its first computers get.
  const known = settings.length > 0 ? settings : [DEFAULT_POLICY_SETTINGS]
  const ceilingOf = (level: (typeof LEVELS)[number]) => {
    const own = known.filter((one) => one.level === level)
    return own.length === 0 ? null : levelOf(own)
  }
  const [unclassified, internal, confidential, secret, topSecret] = LEVELS.map(ceilingOf)
  const ceiling: Ceiling = {
    v: 1,
    unit,
    version,
    issuedAtMs: now,
    keys: [...keys],
    threshold: 2,
    dailyKeys: [{ publicKey: dailyKey, fromMs: now - day, untilMs: now + dailyKeyDays * day }],
    commands: [...CEILING_COMMANDS],
    network: { within },
    mayChangeLevel: false,
    levels: {
      unclassified: unclassified ?? null,
      internal: internal ?? null,
      confidential: confidential ?? null,
      secret: secret ?? null,
      'top-secret': topSecret ?? null,
    },
  }
  return { ceiling, leftOut }
}

function levelOf(own: readonly PolicySettings[]): LevelCeiling {
  const weakest = <M extends 'observe' | 'alarm' | 'enforce'>(of: (one: PolicySettings) => M): M =>
    own.map(of).reduce((a, b) => (modeRank[b] < modeRank[a] ? b : a))
  const peripherals = own.flatMap((one) => one.approvedPeripherals ?? [])
  const most = (of: (one: PolicySettings) => number) => Math.max(...own.map(of))
  return {
    weakest: {
      media: weakest((one) => one.modes.media),
      network: weakest((one) => one.modes.network),
      files: weakest((one) => one.modes.files),
    },
    networkModes: [...new Set(own.map((one) => one.networkMode))],
    roles: [...new Set(own.flatMap((one) => one.roles ?? []))],
    media: { right: 'read-write', byDeviceIds: own.some((one) => one.registeredMedia.length > 0) },
    grants: { right: 'read-only', minutesMax: 60 },
    peripherals:
      peripherals.length === 0
        ? 'none'
        : peripherals.some(({ serial }) => serial === null)
          ? 'any-serial'
          : 'by-serial',
    furtherInterfaces: own.some((one) => one.approvedInterfaces.length > 0),
    requiredSensors: own
      .map((one) => one.requiredSensors)
      .reduce((a, b) => a.filter((sensor) => b.includes(sensor))),
    limits: {
      silentAfterMsMax: most((one) => one.limits.silentAfterMs),
      stoppedAfterMsMax: most((one) => one.limits.stoppedAfterMs),
      exportAfterMsMax: most((one) => exportAfterMsOf(one.limits)),
      clockBackMsMax: most((one) => one.limits.clockBackMsMax),
    },
  }
}

function networksOf({ settings, within }: CeilingDraft): { within: string[]; leftOut: string[] } {
  const used = settings.flatMap(({ network: rules }) => (rules === undefined ? [] : addressesOf(rules)))
  const named = within.flatMap((text) => parsePrefix(text) ?? [])
  const leftOut = used.filter((one) => isOfTheInternet(one) && !named.some((network) => covers(network, one)))
  const all = [...named, ...used.filter((one) => !isOfTheInternet(one))]
  // Only the widest of each: the rest lies in them.
  const widest = all.filter(
    (one, at) =>
      !all.some((other, n) => n !== at && covers(other, one) && (other.length < one.length || n < at)),
  )
  const written = [...new Set(widest.map(formatPrefix))].slice(0, CEILING_LIMITS.prefixesMax)
  return { within: written, leftOut: [...new Set(leftOut.map(formatPrefix))] }
}

function addressesOf(rules: NonNullable<PolicySettings['network']>): Prefix[] {
  const prefixes = [
    ...rules.prefixes,
    ...rules.destinations.map(({ prefix }) => prefix),
    ...rules.listeners.map(({ prefix }) => prefix),
  ]
  const hosts = [
    ...rules.gateways.map(({ address }) => address),
    ...rules.dnsServers,
    ...rules.dhcpServers,
    ...(rules.probe === null ? [] : [rules.probe.address]),
  ]
  return [
    ...prefixes.flatMap((text) => parsePrefix(text) ?? []),
    ...hosts.flatMap((text) => {
      const address = parseAddress(text)
      return address === null ? [] : [hostPrefix(address)]
    }),
  ]
}

/** Reports whether something of a prefix may be routed on the Internet. */
export function isOfTheInternet(prefix: Prefix): boolean {
  return prefix.length === 0 || kindOf(prefix) === 'public'
}
