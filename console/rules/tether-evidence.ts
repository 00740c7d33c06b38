/** What evidence says of a phone's network: by its USB device where that is known, by its interface alone else. Pure. */
import type { EvidenceOf, NetworkInterface, UsbDevice } from '@shoukou/protocol'
import { tethering } from './peripheral-rules.ts'

type Tether = Pick<EvidenceOf<'phone-tethering'>, 'vendorId' | 'productId' | 'product' | 'function'>

export function tetherEvidence(adapter: NetworkInterface | null, device: UsbDevice | null): Tether {
  if (device !== null) return tethering(device)
  return { vendorId: null, productId: null, product: null, function: functionOf(adapter?.tether ?? null) }
}

function functionOf(tether: NetworkInterface['tether']): Tether['function'] {
  return tether === 'rndis' || tether === 'ecm' || tether === 'ncm' ? tether : 'other'
}
