/** What an inspection of the nets found, as records: one deed is one record, however many pieces it took. Pure. */
import type { FactNamed } from '@shoukou/protocol'
import type { NetDamage } from '../../actions/connections/connection-net.ts'

export interface FoundDamage {
  readonly layer: string
  readonly damage: NetDamage
}

/** Returns the records: of one layer, what was done alike and ended alike is one. */
export function tamperFacts(found: readonly FoundDamage[]): FactNamed<'control.tampered'>[] {
  const deeds = Map.groupBy(found, ({ layer, damage }) => `${layer}|${damage.what}|${damage.isRestored}`)
  return [...deeds.values()].flatMap((deed): FactNamed<'control.tampered'>[] => {
    const [first] = deed
    if (first === undefined) return []
    const open = deed.flatMap(({ damage: { openMs } }) => (openMs === null ? [] : [openMs]))
    const details = deed.map(({ damage }) => damage.detail).filter((detail) => detail !== '')
    return [
      {
        kind: 'control.tampered',
        group: 'network',
        layer: first.layer,
        what: first.damage.what,
        detail: details.join('; ').slice(0, 1_000),
        isRestored: first.damage.isRestored,
        openMs: open.length === 0 ? null : Math.max(0, Math.round(Math.max(...open))),
      },
    ]
  })
}
