/**
 * Receivers of wireless keyboards and mice. To the bus they are wired ones; on a classified computer they are forbidden,
 * for what is typed goes through the air. Pure. A list is never complete: the name that a device gives itself is asked too.
 */
import { type RawText, rawTextKey } from '../raw-text.ts'

const RECEIVERS: ReadonlyMap<string, string> = new Map([
  ['046d:c211', 'Logitech iTouch cordless receiver'],
  ['046d:c52b', 'Logitech Unifying receiver'],
  ['046d:c52f', 'Logitech Nano receiver'],
  ['046d:c531', 'Logitech Unifying receiver C-U0007'],
  ['046d:c532', 'Logitech Unifying receiver'],
  ['046d:c534', 'Logitech Nano receiver'],
  ['046d:c539', 'Logitech Lightspeed receiver'],
  ['046d:c548', 'Logi Bolt receiver'],
  ['045e:0745', 'Microsoft Nano transceiver 1.0'],
  ['045e:0750', 'Microsoft wireless keyboard 800'],
  ['045e:0752', 'Microsoft wireless mouse 900'],
  ['045e:07a5', 'Microsoft wireless receiver 1461C'],
  ['045e:07b2', 'Microsoft Nano transceiver'],
  ['045e:0800', 'Microsoft Nano transceiver 2.0'],
  ['17ef:6032', 'Lenovo wireless dongle'],
  ['062a:4101', 'MosArt wireless keyboard and mouse'],
  ['062a:4102', 'MosArt wireless mouse'],
  ['062a:4c01', 'MosArt 2.4G receiver'],
  ['248a:8366', 'Telink wireless receiver'],
  ['248a:8367', 'Telink wireless receiver'],
  ['24ae:2000', 'Rapoo 2.4G receiver'],
  ['24ae:2001', 'Rapoo 5 GHz receiver'],
  ['25a7:fa23', 'Areson 2.4G receiver'],
  ['25a7:fa61', 'Areson 2.4G receiver'],
  ['25a7:2402', 'Areson 2.4G receiver'],
  ['1ea7:0064', 'Semitek 2.4G receiver'],
  ['1ea7:0066', 'Semitek 2.4G receiver'],
])

/** Logitech numbers its cordless devices c5xx and its Bluetooth ones c7xx; one of the first has a cable after all. */
const logitechCordless = /^046d:c[57]/
const logitechCorded = '046d:c53d'

/** A name can only make it worse for a device: this makes a receiver of what would have been a keyboard. */
const receiverName = /receiver|wireless|cordless|transceiver|dongle|bluetooth|2\.4 ?g|无线|接收器/i

/** Returns the name of a known receiver, or null. Ids are four lower-case hex digits. */
export function knownReceiver(vendorId: string, productId: string): string | null {
  const ids = `${vendorId}:${productId}`
  const isCordless = logitechCordless.test(ids) && ids !== logitechCorded
  return RECEIVERS.get(ids) ?? (isCordless ? 'Logitech cordless receiver' : null)
}

/** Reports whether a keyboard's or mouse's own name says that it has no cable. */
export function isNamedWireless(product: RawText | null): boolean {
  return product !== null && receiverName.test(rawTextKey(product))
}
