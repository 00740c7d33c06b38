/** A picture of an ordinary classified computer, for tests to change one thing in. */
import type { NetworkInterface, Picture } from '@shoukou/protocol'

export const eth0: NetworkInterface = {
  index: 2,
  name: 'eth0',
  mac: '52:54:00:00:00:01',
  hardwareType: 1,
  nature: 'physical',
  linkKind: null,
  busPath: '0000:00:03.0',
  usbPath: null,
  driver: 'e1000e',
  isWireless: false,
  isAdminUp: true,
  hasCarrier: true,
  operState: 'up',
  addresses: [{ family: 'ipv4', address: '10.1.0.44', prefixLength: 24, scope: 'global' }],
  medium: 'wired',
  tether: null,
  permanentMac: '52:54:00:00:00:01',
  lowerIndex: null,
  masterIndex: null,
}

export const usb0: NetworkInterface = {
  ...eth0,
  index: 7,
  name: 'usb0',
  mac: 'da:00:00:00:00:07',
  busPath: '1-1.2:1.0',
  usbPath: '1-1.2',
  driver: 'rndis_host',
  medium: 'usb-tether',
  tether: 'rndis',
  permanentMac: null,
  addresses: [{ family: 'ipv4', address: '192.168.42.129', prefixLength: 24, scope: 'global' }],
}

export const samplePicture: Picture = {
  interfaces: [eth0],
  routes: [
    {
      family: 'ipv4',
      destination: '0.0.0.0',
      prefixLength: 0,
      gateway: '10.1.0.1',
      interfaceIndex: 2,
      interfaceName: 'eth0',
      table: 254,
      metric: 100,
    },
    {
      family: 'ipv4',
      destination: '10.1.0.0',
      prefixLength: 24,
      gateway: null,
      interfaceIndex: 2,
      interfaceName: 'eth0',
      table: 254,
      metric: 100,
    },
  ],
  neighbours: [
    { address: '10.1.0.1', mac: '02:aa:aa:aa:aa:01', interfaceIndex: 2, state: 'stale', isRouter: false },
    { address: '10.1.0.9', mac: '02:aa:aa:aa:aa:09', interfaceIndex: 2, state: 'reachable', isRouter: false },
  ],
  rules: [],
  leases: [
    {
      interfaceName: 'eth0',
      address: '10.1.0.44',
      server: '10.1.0.2',
      routers: ['10.1.0.1'],
      dnsServers: ['10.1.0.2'],
      obtainedAtMs: 1_000,
      expiresAtMs: 3_601_000,
      source: '/run/systemd/netif/leases/2',
    },
  ],
  dnsServers: ['10.1.0.2'],
  wireless: [],
  sharing: [],
  sockets: [],
  sessionAccount: 'zhang',
  unread: [],
  omitted: 0,
}
