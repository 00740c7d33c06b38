/** A copy of a record's values to look at. The raw text stays the evidence; what cannot be read is shown raw. Pure. */
import type { Fact, FactNamed, MediumPlace } from '@shoukou/protocol/events/facts.ts'
import type { Record as JournalRecord } from '@shoukou/protocol/events/record.ts'
import type { Route } from '@shoukou/protocol/events/shapes.ts'
import type { Passport } from '@shoukou/protocol/media/shapes.ts'
import { coverageShown } from '../computers/coverage-shown.ts'
import { isNetworkFact, summarizeNetworkFact } from './summarize-network.ts'
import { isSessionFact, summarizeSessionFact } from './summarize-session.ts'
import { isTrustFact, summarizeTrustFact } from './summarize-trust.ts'
import { code, counted, raw, type SummaryPart, words } from './summary-parts.ts'

/** Returns the values of a record that the console stored, thus checked; null where it is no JSON object. */
export function readRecord(document: string): JournalRecord | null {
  try {
    const value: unknown = JSON.parse(document)
    return typeof value === 'object' && value !== null && 'fact' in value ? (value as JournalRecord) : null
  } catch {
    return null
  }
}

/** Returns the few values by which people know one fact from another. */
export function summarizeFact(fact: Fact): SummaryPart[] {
  if (isNetworkFact(fact)) return summarizeNetworkFact(fact)
  if (isSessionFact(fact)) return summarizeSessionFact(fact)
  if (isTrustFact(fact)) return summarizeTrustFact(fact)
  switch (fact.kind) {
    case 'usb.attached':
    case 'usb.detached': {
      const { device } = fact
      return [...raw(device.product), code(`${device.vendorId}:${device.productId}`), ...raw(device.serial)]
    }
    case 'block.attached':
    case 'block.changed':
    case 'block.detached': {
      const { device } = fact
      const size: SummaryPart[] =
        device.sizeBytes === null ? [] : [{ kind: 'bytes', value: device.sizeBytes }]
      return [...raw(device.name), ...raw(device.model), ...size]
    }
    case 'mount.added':
    case 'mount.removed':
      return [...raw(fact.mount.source), code('→'), ...raw(fact.mount.target), ...raw(fact.mount.fileSystem)]
    case 'network.interface-added':
    case 'network.interface-changed':
    case 'network.interface-removed': {
      const { interface: one } = fact
      const addresses = one.addresses
        .slice(0, 2)
        .map((address) => code(`${address.address}/${address.prefixLength}`))
      return [
        ...raw(one.name),
        ...(one.mac === null ? [] : [code(one.mac)]),
        words(one.hasCarrier ? 'link.up' : 'link.down'),
        ...addresses,
      ]
    }
    case 'network.routes-changed':
      return [
        ...(fact.added.length === 0 ? [] : [counted('fact.count.routes-added', fact.added.length)]),
        ...(fact.removed.length === 0 ? [] : [counted('fact.count.routes-removed', fact.removed.length)]),
        ...[...fact.added, ...fact.removed].slice(0, 1).map(routeOf),
      ]
    case 'file.activity':
      return [
        words(`value.operation.${fact.operation}`),
        ...(fact.renamedFrom === null ? [] : [...raw(fact.renamedFrom), code('→')]),
        ...raw(fact.path),
        ...(fact.sizeBytes === null ? [] : [{ kind: 'bytes', value: fact.sizeBytes } as const]),
      ]
    case 'agent.started':
      return [words(`value.previous.${fact.previous}`)]
    case 'agent.stopping':
      return [words(`value.reason.${fact.reason}`)]
    case 'agent.coverage':
      return [words(`sensor.${fact.coverage.sensor}`), words(`coverage.${coverageShown(fact.coverage)}`)]
    case 'sensor.overflow':
      return [words(`sensor.${fact.sensor}`), counted('fact.count.changes', fact.changesFound)]
    case 'host.inventory':
      return [...raw(fact.hostname), ...raw(fact.operatingSystem)]
    case 'clock.stepped':
      return [{ kind: 'duration', value: fact.byMs }]
    case 'journal.opened':
      return [words(`value.reason.${fact.reason}`)]
    case 'policy.refused':
      return [code(fact.reason)]
    case 'journal.gap':
      return [words(`value.reason.${fact.reason}`), code(`${fact.firstSeq}–${fact.lastSeq}`)]
    case 'journal.loss':
      return [counted('fact.count.facts', fact.total)]
    case 'policy.applied':
      return [counted('fact.count.version', fact.version)]
    case 'command.done':
      return [code(fact.name), code(fact.outcome)]
    case 'media.examined':
      return [
        ...mediumOf(fact.identity.number, fact.passport),
        words(`value.result.${fact.identity.result}`),
        words(`value.seal.state.${fact.seal.state}`),
        words(`value.right.${fact.right}`),
      ]
    case 'media.access':
      return [
        ...mediumOf(fact.number, null),
        ...placeOf(fact.place),
        words(`value.right.${fact.right}`),
        words(`value.cause.${fact.cause}`, fact.cause),
      ]
    case 'media.sealed':
      return [
        ...mediumOf(fact.number, null),
        words(`value.result.${fact.result}`),
        words(`value.detail.${fact.detail}`, fact.detail),
      ]
    case 'usb.acted':
      return [
        ...placeOf(fact.place),
        code(`${fact.vendorId}:${fact.productId}`),
        words(`value.act.${fact.act}`),
        words(`value.cause.${fact.cause}`, fact.cause),
      ]
    case 'usb.re-enumerated':
      return [code(fact.port), ...sideOf(fact.before), code('→'), ...sideOf(fact.after)]
    case 'usb.storm':
      return [code(fact.port), counted('fact.count.attaches', fact.attaches)]
    case 'control.state':
      return [words(`value.group.${fact.group}`), words(`value.control.${fact.state}`)]
    case 'guard.refused':
      return [
        ...fact.opens
          .slice(0, 2)
          .flatMap((open) => (open.name === null ? [code(open.number)] : raw(open.name))),
        counted('fact.count.opens', fact.total),
      ]
    case 'grant.changed':
      return [
        ...mediumOf(null, fact.passport),
        words(`value.grant.${fact.state}`),
        words(`value.right.${fact.right}`),
        counted('fact.count.minutes', fact.minutes),
      ]
  }
}

/** A medium by its number in the register, else by what its device or disk calls itself. */
function mediumOf(number: string | null, passport: Passport | null): SummaryPart[] {
  if (number !== null) return raw(number)
  return raw(passport?.usb?.product ?? passport?.inquiry?.product ?? null)
}

function placeOf({ disk, usbPath }: MediumPlace): SummaryPart[] {
  return raw(disk ?? usbPath)
}

type UsbSide = FactNamed<'usb.re-enumerated'>['before']
function sideOf({ product, vendorId, productId }: UsbSide): SummaryPart[] {
  return [...raw(product), code(`${vendorId}:${productId}`)]
}

function routeOf(route: Route): SummaryPart {
  const gateway = route.gateway === null ? '' : ` → ${route.gateway}`
  return code(`${route.destination}/${route.prefixLength}${gateway}`)
}
