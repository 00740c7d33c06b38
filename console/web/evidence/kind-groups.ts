/** The kinds of facts as people ask for them: groups for the timeline's filter. A test sees to it that none is missing. */
import type { FactKind } from '@shoukou/protocol/events/facts.ts'

export const FACT_KIND_GROUPS = {
  devices: [
    'usb.attached',
    'usb.detached',
    'block.attached',
    'block.changed',
    'block.detached',
    'usb.acted',
    'usb.re-enumerated',
    'usb.storm',
  ],
  media: [
    'media.examined',
    'media.access',
    'media.sealed',
    'grant.changed',
    'control.state',
    'guard.refused',
  ],
  mounts: ['mount.added', 'mount.removed'],
  network: [
    'network.interface-added',
    'network.interface-changed',
    'network.interface-removed',
    'network.routes-changed',
    'network.picture',
    'network.changed-while-away',
    'network.condition',
    'network.connections',
    'network.counted',
    'network.hardware',
    'network.acted',
    'network.traces',
    'network.probed',
    'control.tampered',
  ],
  files: ['file.activity'],
  host: ['host.inventory', 'clock.stepped'],
  agent: ['agent.started', 'agent.stopping', 'agent.coverage', 'sensor.overflow', 'command.done'],
  policy: ['policy.applied', 'policy.refused'],
  journal: ['journal.opened', 'journal.gap', 'journal.loss'],
} as const satisfies Readonly<Record<string, readonly FactKind[]>>
export type FactKindGroup = keyof typeof FACT_KIND_GROUPS
