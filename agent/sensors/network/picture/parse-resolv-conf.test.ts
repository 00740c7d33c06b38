import { expect, it } from 'vitest'
import { effectiveServers, parseResolvConf } from './parse-resolv-conf.ts'

it('reads name servers in order, zones left out, and nothing else', () => {
  const text = `# nameserver 1.1.1.1
search unit.example
nameserver 10.1.0.2
nameserver\tfe80::1%eth0
nameserver 10.1.0
 nameserver 9.9.9.9
nameserver ::ffff:10.1.0.3
options edns0 trust-ad
`
  expect(parseResolvConf(text)).toEqual(['10.1.0.2', 'fe80::1', '10.1.0.3'])
})

it('names who stands behind a stub on the computer itself', () => {
  expect(effectiveServers(['127.0.0.53'], ['114.114.114.114', '10.1.0.2', '114.114.114.114'])).toEqual([
    '114.114.114.114',
    '10.1.0.2',
  ])
  expect(effectiveServers(['127.0.0.1', '10.1.0.2'], ['::1', '8.8.8.8'])).toEqual(['10.1.0.2', '8.8.8.8'])
})

it('does not ask behind where there is no stub', () => {
  expect(effectiveServers(['10.1.0.2'], ['8.8.8.8'])).toEqual(['10.1.0.2'])
})

it('never names the stub of systemd-resolved alone; a resolver of the computer itself it does', () => {
  expect(effectiveServers(['127.0.0.53'], [])).toEqual([])
  expect(effectiveServers(['127.0.0.1'], ['127.0.0.1'])).toEqual(['127.0.0.1'])
})
