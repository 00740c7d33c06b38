/**
 * Receivers of wireless keyboards and mice. To the bus they are wired ones; on a classified computer they are forbidden,
 * for what is typed goes through the air. Pure. A list is never complete: the name that a device gives itself is asked too.
 */
import { type RawText, rawTextKey } from '../raw-text.ts'

const RECEIVERS: ReadonlyMap<string, string> = new Map([
  ['046d:c505', 'Logitech cordless receiver'],
  ['046d:c50c', 'Logitech cordless desktop S510'],
  ['046d:c50e', 'Logitech cordless mouse receiver'],
  ['046d:c512', 'Logitech LX-700 receiver'],
  ['046d:c513', 'Logitech MX3000 receiver'],
  ['046d:c517', 'Logitech LX710 receiver'],
  ['046d:c51a', 'Logitech MX revolution receiver'],
  ['046d:c51b', 'Logitech V220 receiver'],
  ['046d:c521', 'Logitech MX620 receiver'],
  ['046d:c525', 'Logitech MX revolution receiver'],
  ['046d:c526', 'Logitech MX revolution receiver'],
  ['046d:c52b', 'Logitech Unifying receiver'],
  ['046d:c52e', 'Logitech MK260 receiver'],
  ['046d:c52f', 'Logitech Nano receiver'],
  ['046d:c531', 'Logitech C-U0007 receiver'],
  ['046d:c532', 'Logitech Unifying receiver'],
  ['046d:c534', 'Logitech Nano receiver'],
  ['046d:c537', 'Logitech wireless receiver'],
  ['046d:c539', 'Logitech Lightspeed receiver'],
  ['046d:c53a', 'Logitech PowerPlay receiver'],
  ['046d:c53f', 'Logitech Lightspeed receiver'],
  ['046d:c541', 'Logitech Lightspeed receiver'],
  ['046d:c542', 'Logitech M185 receiver'],
  ['046d:c545', 'Logitech Lightspeed receiver'],
  ['046d:c547', 'Logitech Lightspeed receiver'],
  ['046d:c548', 'Logitech Bolt receiver'],
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

/** A name can only make it worse for a device: this makes a receiver of what would have been a keyboard. */
const receiverName = /receiver|wireless|cordless|transceiver|dongle|bluetooth|2\.4 ?g|无线|接收器/i

/** Returns the name of a known receiver, or null. Ids are four lower-case hex digits. */
export function knownReceiver(vendorId: string, productId: string): string | null {
  return RECEIVERS.get(`${vendorId}:${productId}`) ?? null
}

/** Reports whether a keyboard's or mouse's own name says that it has no cable. */
export function isNamedWireless(product: RawText | null): boolean {
  return product !== null && receiverName.test(rawTextKey(product))
}
