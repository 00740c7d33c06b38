/** `version`: the product's and the protocol's. */
import { PRODUCT_VERSION, PROTOCOL_VERSION } from '@shoukou/protocol'
import type { CommandInput } from './command-input.ts'

export function version(_input: CommandInput): Promise<number> {
  process.stdout.write(
    `shoukou-agent ${PRODUCT_VERSION} (protocol ${PROTOCOL_VERSION}, Node ${process.versions.node})\n`,
  )
  return Promise.resolve(0)
}
