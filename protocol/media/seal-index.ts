/**
 * A policy's seals, opened once and found by what they are of: comparing a passport with 300 of them takes longer than a
 * person's plug may wait on a slow machine. Pure.
 */
import { carrierOf } from './carriers.ts'
import { identityKeys } from './compare-passports.ts'
import { serialKey } from './placeholder-serials.ts'
import { openSeal, type SealKeys } from './seal.ts'
import type { Passport, PolicyMedia, Seal } from './shapes.ts'

export interface OpenedSeals {
  readonly seals: readonly Seal[]
  /** Seals whose signature does not hold, or that are none: the policy was signed with them, so it is worth a log line. */
  readonly refused: number
  readonly bySerial: ReadonlyMap<string, readonly Seal[]>
  readonly bySize: ReadonlyMap<number | null, readonly Seal[]>
  /** Of those, the media that have no number of their own. */
  readonly numberlessBySize: ReadonlyMap<number | null, readonly Seal[]>
}

/** Opens the seals that a policy carries: one signature check each, so once for each policy. */
export function openPolicySeals(media: PolicyMedia | undefined, policyKeyPem: SealKeys): OpenedSeals {
  const signed = media?.seals ?? []
  const seals = signed.flatMap((one) => openSeal(one, policyKeyPem) ?? [])
  const bySerial = new Map<string, Seal[]>()
  const bySize = new Map<number | null, Seal[]>()
  const numberlessBySize = new Map<number | null, Seal[]>()
  for (const seal of seals) {
    for (const key of lookupKeys(seal.passport)) push(bySerial, key, seal)
    const { sizeBytes } = seal.passport
    push(bySize, sizeBytes, seal)
    if (identityKeys(seal.passport).length === 0) push(numberlessBySize, sizeBytes, seal)
  }
  return { seals, refused: signed.length - seals.length, bySerial, bySize, numberlessBySize }
}

/**
 * Returns the seals that may be of a medium: every other one compares as unknown. That is, those which share a serial
 * with it, and those of its size that have no number of their own; behind a carrier, whose numbers do not count, all of
 * its size.
 */
export function sealsFor(opened: OpenedSeals, passport: Passport): Seal[] {
  const found = new Set<Seal>()
  for (const key of lookupKeys(passport)) for (const seal of opened.bySerial.get(key) ?? []) found.add(seal)
  const ofSize = carrierOf(passport) === null ? opened.numberlessBySize : opened.bySize
  for (const seal of ofSize.get(passport.sizeBytes) ?? []) found.add(seal)
  return [...found]
}

function lookupKeys({ usb, diskSerial, wwn }: Passport): string[] {
  const serials = [
    ['usb', usb?.serial],
    ['disk', diskSerial],
    ['wwn', wwn],
  ] as const
  return serials.flatMap(([kind, serial]) => {
    const key = serialKey(serial)
    return key === null ? [] : [`${kind}:${key}`]
  })
}

function push<K>(map: Map<K, Seal[]>, key: K, seal: Seal): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [seal])
  else list.push(seal)
}
