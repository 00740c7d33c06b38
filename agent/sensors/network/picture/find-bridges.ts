/** Bridges that join a physical interface with another live one: whoever is on one side is on both. Pure. */
import type { NetworkInterface, Sharing } from '@shoukou/protocol'
import { joinRaw } from './raw-words.ts'

/** Returns one entry for each such bridge: its name, and its live ports, physical ones first. */
export function findBridges(interfaces: readonly NetworkInterface[]): Sharing[] {
  return interfaces.flatMap((bridge): Sharing[] => {
    if (bridge.medium !== 'bridge' && bridge.linkKind !== 'bridge') return []
    const ports = interfaces
      .filter(
        ({ masterIndex, isAdminUp, hasCarrier }) => masterIndex === bridge.index && isAdminUp && hasCarrier,
      )
      .sort((a, b) => Number(b.nature === 'physical') - Number(a.nature === 'physical') || a.index - b.index)
    if (!bridge.isAdminUp || ports.length < 2 || ports[0]?.nature !== 'physical') return []
    const names = ports.flatMap(({ name }) => [' ', name])
    return [
      {
        service: 'bridge',
        detail: joinRaw(bridge.name, ':', ...names),
        port: null,
        pid: null,
        program: null,
      },
    ]
  })
}
