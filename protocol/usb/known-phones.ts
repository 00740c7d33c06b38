/**
 * Makers of telephones, by USB vendor number. A phone that only charges shows one vendor-specific interface, or none that
 * says anything; the number is then the one hint. Pure.
 */

export interface PhoneHint {
  readonly name: string
  /** `product`: the very model range is a phone's. `vendor`: the maker builds phones, and other things too. */
  readonly confidence: 'product' | 'vendor'
}

interface Maker {
  readonly name: string
  /** Product numbers that are phones' or tablets'; null: not known apart. */
  readonly products: RegExp | null
}

const MAKERS: ReadonlyMap<string, Maker> = new Map([
  ['05ac', { name: 'Apple iPhone or iPad', products: /^12[9a-f]/ }],
  ['18d1', { name: 'Google Android', products: /^(?:4ee|2d0|4e[1-4]|d00d|d001)/ }],
  ['04e8', { name: 'Samsung', products: /^(?:685|686|689|68[c-e]|6601)/ }],
  ['12d1', { name: 'Huawei', products: /^(?:10[3-9a-c]|107|360|5a1)/ }],
  ['339b', { name: 'Honor', products: null }],
  ['2717', { name: 'Xiaomi', products: /^ff/ }],
  ['22d9', { name: 'OPPO', products: /^(?:27|20|28)/ }],
  ['2d95', { name: 'vivo', products: null }],
  ['2a70', { name: 'OnePlus', products: null }],
  ['22b8', { name: 'Motorola', products: /^2e/ }],
  ['0bb4', { name: 'HTC', products: /^0[cdef]/ }],
  ['19d2', { name: 'ZTE', products: null }],
  ['1004', { name: 'LG', products: /^6[0-9a-f]/ }],
  ['0fce', { name: 'Sony', products: null }],
  ['2a45', { name: 'Meizu', products: null }],
  ['29a9', { name: 'Smartisan', products: null }],
  ['1782', { name: 'Unisoc', products: null }],
  ['0e8d', { name: 'MediaTek', products: /^(?:200|201|20f)/ }],
  ['05c6', { name: 'Qualcomm', products: /^90/ }],
  ['0421', { name: 'Nokia', products: null }],
  ['2e04', { name: 'HMD', products: null }],
])

/** Returns what speaks for a phone, or null. Ids are four lower-case hex digits. */
export function phoneHint(vendorId: string, productId: string): PhoneHint | null {
  const maker = MAKERS.get(vendorId)
  if (maker === undefined) return null
  const isPhone = maker.products?.test(productId) ?? false
  return { name: maker.name, confidence: isPhone ? 'product' : 'vendor' }
}
