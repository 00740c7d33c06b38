/**
 * Names what a network violation is about, within one boot of one computer. Rules and `network-incidents.ts` must name
 * the same thing alike. Pure.
 */
import { type Hardware, type NetworkInterface, type RawText, rawTextKey } from '@shoukou/protocol'

const charactersMax = 160

/** The kernel gives an index once a boot; a name may be given again, and changed. */
export function subjectOfLink(adapter: Pick<NetworkInterface, 'index'> | null): string {
  return `link:${adapter?.index ?? '-'}`
}

/** Where only a name is told: what changed while nobody looked. */
export function subjectOfName(name: RawText | null): string {
  return `name:${name === null ? '-' : rawTextKey(name)}`.slice(0, charactersMax)
}

/** A piece of hardware by its kind and its place; by what it calls itself where it has none. */
export function subjectOfHardware({
  kind,
  bus,
  busPath,
  usbPath,
  vendorId,
  productId,
  model,
}: Hardware): string {
  const place = busPath ?? usbPath
  const name =
    place === null
      ? `${vendorId ?? ''}:${productId ?? ''}:${model === null ? '' : rawTextKey(model)}`
      : rawTextKey(place)
  return `hardware:${kind}:${bus}:${name}`.slice(0, charactersMax)
}

/** Control of one group that is lifted: one release is one story, however often it is said. */
export function subjectOfRelease(group: 'media' | 'network'): string {
  return `release:${group}`
}

/** What is kept with the violation: the boot makes the kernel's numbers unique. */
export function lastingName(bootId: string, subject: string): string {
  return `${bootId}/${subject}`
}
