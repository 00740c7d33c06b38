import { expect, it } from 'vitest'
import { parseAptOptions, parseTargets } from './debian-sources.ts'

it("keeps Debian's own entries of the guest's suite, once each", () => {
  const text = [
    'Debian http://mirror.example/debian/ bookworm main',
    'Debian http://mirror.example/debian/ bookworm main',
    'Debian http://mirror.example/debian-security/ bookworm-security main',
    'Debian http://mirror.example/debian/ bookworm contrib',
    'Debian http://mirror.example/debian/ trixie main',
    'Somebody http://other.example/ bookworm main',
    '',
  ].join('\n')
  expect(parseTargets(text)).toEqual([
    'deb http://mirror.example/debian/ bookworm main',
    'deb http://mirror.example/debian-security/ bookworm-security main',
  ])
})

it('passes on proxies and what is believed of an index, nothing else', () => {
  const text = [
    'Acquire "";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::http::Proxy "http://proxy.example:3142";',
    'Acquire::http::Proxy "";',
    'Acquire::AllowInsecureRepositories "1";',
    'DPkg::Post-Invoke "";',
  ].join('\n')
  expect(parseAptOptions(text)).toEqual([
    'Acquire::Check-Valid-Until "false"',
    'Acquire::http::Proxy "http://proxy.example:3142"',
  ])
})
