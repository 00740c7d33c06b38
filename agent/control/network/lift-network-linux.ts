/**
 * Takes both nets out of the kernel, whoever set them: for an administrator who releases a computer while no agent runs.
 * What the console ordered stays written down; it holds again with the next policy.
 */
import { randomUUID } from 'node:crypto'
import { openConnectionNet } from '../../actions/connections/connection-net-linux.ts'
import { openPacketNet } from '../../actions/packets/packet-net-linux.ts'
import { LazyPoller } from '../../base/poll-linux.ts'
import type { LayerReport } from './nets.ts'

export interface LiftParts {
  readonly bootId: string
  readonly wallMs: () => number
  readonly packetStatePath: string
}

/** Lifts them; a net that this kernel or this account cannot have is not there. Never throws: the layers say what failed. */
export async function liftNetwork(parts: LiftParts): Promise<readonly LayerReport[]> {
  const poller = new LazyPoller()
  try {
    return [
      await lifted('connection-guard', async () => {
        const { net } = await openConnectionNet({ poller: await poller.get() })
        net?.close({ keep: false })
      }),
      await lifted('packet-table', async () => {
        const { bootId, wallMs, packetStatePath: statePath } = parts
        const { net } = await openPacketNet({ poller, bootId, wallMs, statePath, newId: () => randomUUID() })
        await net?.close({ keep: false })
      }),
    ]
  } finally {
    await poller.close()
  }
}

async function lifted(layer: LayerReport['layer'], lift: () => Promise<void>): Promise<LayerReport> {
  try {
    await lift()
    return { layer, state: 'absent', detail: null }
  } catch (fault) {
    return { layer, state: 'failed', detail: String(fault).slice(0, 1_000) }
  }
}
