/**
 * Radios and modems that no class code tells: by the driver that serves them or, where none does, by number. Pure.
 *
 * A driver's name is certain; a vendor's number alone is used only where the vendor makes nothing else on that bus.
 */
import type { HardwareKind } from '@shoukou/protocol'

/** Beginnings of driver names; wired adapters of the same makers (r8152, r8169, ax88179 …) begin otherwise. */
const WIFI_DRIVERS = [
  ...[
    'iwl',
    'ipw2',
    'ath5k',
    'ath6k',
    'ath9k',
    'ath10k',
    'ath11k',
    'ath12k',
    'wil6210',
    'wcn36xx',
    'carl9170',
  ],
  ...[
    'ar5523',
    'b43',
    'brcmfmac',
    'brcmsmac',
    'bcma-pci-bridge',
    'rtl8180',
    'rtl8187',
    'rtl8xxxu',
    'rtl818',
    'rtl819',
  ],
  ...[
    'rtl872',
    'rtl881',
    'rtl882',
    'rtl88x',
    'rtl8812',
    'rtw_',
    'rtw88',
    'rtw89',
    'rtwn',
    'r8188',
    'r8192',
    'r8712',
  ],
  ...[
    'r8723',
    '8188',
    '8192',
    '8723',
    '8812',
    '8814',
    '8821',
    '88x2',
    '8822',
    '8852',
    'rt2400',
    'rt2500',
    'rt2800',
  ],
  ...[
    'rt3',
    'rt5',
    'rt61',
    'rt73',
    'mt76',
    'mt79',
    'mwifiex',
    'mwl8k',
    'mlan',
    'moal',
    'libertas',
    'usb8xxx',
    'p54',
  ],
  ...[
    'orinoco',
    'hostap',
    'zd1',
    'at76',
    'rsi_',
    'cw1200',
    'wfx',
    'wilc',
    'wl12',
    'wl18',
    'wlcore',
    'wl1251',
  ],
  ...['qtnfmac', 'rndis_wlan', 'airo', 'adm8211', 'ssv6', 'aic8800', 'atbm', 'xr819', 'mac80211_hwsim'],
]
const cellularDrivers =
  /^(?:qmi_wwan|cdc_mbim|huawei_cdc_ncm|sierra(?:_net)?|option|qcserial|hso|kalmia|lg-vl600|iosm|imem|mtk_t7xx|mhi-pci-generic|mhi_wwan|t7xx|rpmsg_wwan|ipw$|gobi)/
/** A virtual machine has it: the host's own nodes say nothing of what it does there. */
const passThroughDrivers = /^(?:vfio|vfio[-_].*|pci-stub|pciback|xen-pciback|uio_.*|usbip-host)$/

export function isWifiDriver(driver: string): boolean {
  return driver === 'wl' || WIFI_DRIVERS.some((start) => driver.startsWith(start))
}

export function isCellularDriver(driver: string): boolean {
  return cellularDrivers.test(driver)
}

export function isPassThroughDriver(driver: string): boolean {
  return passThroughDrivers.test(driver)
}

/** PCI vendors whose 0280 functions are wireless cards, all of them. */
const wifiVendors0280 = new Set([
  '8086',
  '14e4',
  '168c',
  '17cb',
  '10ec',
  '14c3',
  '11ab',
  '1b4b',
  '1814',
  '1260',
])
/** PCI vendors that make wireless cards only, whatever class they give them. */
const wifiVendorsAny = new Set(['168c', '1814', '1260'])

export function isWifiPciVendor(vendorId: string, classCode: number): boolean {
  if (wifiVendorsAny.has(vendorId)) return classCode >> 16 === 0x02
  return classCode >> 8 === 0x0280 && wifiVendors0280.has(vendorId)
}

interface KnownUsb {
  readonly vendorId: string
  readonly products: RegExp
  readonly kind: HardwareKind
}

const KNOWN_USB: readonly KnownUsb[] = [
  // Ralink made wireless adapters only.
  { vendorId: '148f', products: /^/, kind: 'wifi' },
  // Realtek's card readers (01xx), wired adapters (815x) and cameras (5xxx) are left out.
  {
    vendorId: '0bda',
    products:
      /^(?:81[789][0-9a-f]|881[0-9a-f]|a811|b8[0-9a-f]{2}|c8[0-9a-f]{2}|0179|018a|0811|082[13]|f179)$/,
    kind: 'wifi',
  },
  { vendorId: '0e8d', products: /^(?:76\d\d|79\d\d)$/, kind: 'wifi' },
  { vendorId: '0cf3', products: /^(?:1006|20ff|7010|7015|9170|9271|9374|9378|b00[23])$/, kind: 'wifi' },
  { vendorId: '2357', products: /^0(?:10|11|12|13|14)[0-9a-f]$/, kind: 'wifi' },
  { vendorId: 'a69c', products: /^8/, kind: 'wifi' },
  // Makers of cellular modules.
  { vendorId: '2c7c', products: /^/, kind: 'cellular-modem' },
  { vendorId: '1199', products: /^/, kind: 'cellular-modem' },
  { vendorId: '2cb7', products: /^/, kind: 'cellular-modem' },
  { vendorId: '0af0', products: /^/, kind: 'cellular-modem' },
  { vendorId: '1bc7', products: /^/, kind: 'cellular-modem' },
  { vendorId: '1e0e', products: /^9/, kind: 'cellular-modem' },
  { vendorId: '1410', products: /^/, kind: 'cellular-modem' },
]

/** Returns what a USB device without a class of its own is known to be; null where its number says nothing. */
export function knownUsbRadio(vendorId: string, productId: string): HardwareKind | null {
  const found = KNOWN_USB.find((one) => one.vendorId === vendorId && one.products.test(productId))
  return found?.kind ?? null
}

/** Huawei's modems put subclasses of their own on their vendor-specific interfaces; its phones use ff and 42. */
export function isHuaweiModemInterface(vendorId: string, subclass: string): boolean {
  return vendorId === '12d1' && /^0[1-6]$/.test(subclass)
}

const wifiSdioVendors = new Set(['02d0', '024c', '0271', '02df', '037a', '0097', '104c', '296e'])

/** SDIO functions of class 00 (none given) of makers of wireless chips. */
export function isWifiSdioVendor(vendorId: string): boolean {
  return wifiSdioVendors.has(vendorId)
}

const ALIASES: readonly (readonly [RegExp, HardwareKind])[] = [
  [/^of:Nbluetooth/i, 'bluetooth'],
  [/^(?:serial|of):.*C[a-z]+,(?:bcm4\d+|wcn\d+|qca\d+|mt7\d+|rtl8\d+)[a-z0-9-]*-bt/i, 'bluetooth'],
  [/^acpi:(?:BCM2E|OBDA8723|RTL8723|INT33E1)/i, 'bluetooth'],
  [/^of:N(?:wifi|wlan)/i, 'wifi'],
  [/^of:N(?:nfc|pn5\d\d)/i, 'nfc'],
  [/^acpi:(?:NXP1001|NXP5441|NXP7471|INT339A|SMO[A-Z]?NFC)/i, 'nfc'],
  [/^i2c:(?:pn5(?:44|47|33)|nxp-nci|st21nfc|s3fwrn5|fdp_nci)/i, 'nfc'],
  [/^of:N(?:ir|ir-receiver|gpio-ir-receiver)T/i, 'infrared'],
  [/^pnp:d?PNP051[01]/i, 'infrared'],
  [/^of:N(?:camera|csi-camera|image-sensor)/i, 'camera'],
]

/** Returns what a device of a bus without classes is, by its alias; null where the alias names none of these. */
export function kindOfAlias(alias: string): HardwareKind | null {
  return ALIASES.find(([pattern]) => pattern.test(alias))?.[1] ?? null
}
