import { describe, expect, it } from 'vitest'
import { deviceText, indexText } from './nft-text.ts'
import {
  deviceChains,
  differencesOf,
  digestOf,
  findInstallation,
  installationChain,
  parseListing,
} from './table-listing.ts'

/** As nft 1.0.6 shows it. */
const listing = (device: string, more = ''): string => `table inet shoukou {
	counter outgoing {
	}

	set seen_ipv4 {
		type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service
		size 8192
		flags dynamic,timeout
		timeout 5m${more}
	}

	chain installed_1700000000000_a_b {
	}

	chain prerouting {
		type filter hook prerouting priority -450; policy accept;
		iif { "lo", "${device}" } counter name "cut" drop
	}

	chain egress_3 {
		type filter hook egress device "${device}" priority -500; policy accept;
		counter name "cut" drop
	}

	chain tell_outgoing {
		limit rate 4000/second burst 4000 packets log prefix "shoukou outgoing dropped" group 21321 snaplen 192 queue-threshold 32 drop
	}
}
`
const links = (name: string) => [
  { index: 1, name: 'lo' },
  { index: 3, name },
]
const elements =
  '\n\t\telements = { 10.0.0.1 . 10.0.0.2 . tcp . 1 . 2 timeout 5m expires 4m59s,\n\t\t\t     10.0.0.1 . 10.0.0.3 . tcp . 1 . 2 }'

describe('a listing', () => {
  it('is the same under another name of an interface, and whatever flows were seen', () => {
    const before = parseListing(listing('eth0'), links('eth0'))
    const after = parseListing(listing('renamed', elements), links('renamed'))
    expect(differencesOf(before, after, () => true)).toEqual([])
    expect(digestOf(after)).toBe(digestOf(before))
  })

  it('differs in the block that was altered', () => {
    const before = parseListing(listing('eth0'), links('eth0'))
    const after = parseListing(
      listing('eth0').replace('192 queue-threshold 32 drop', '192 queue-threshold 32 accept'),
      links('eth0'),
    )
    expect(differencesOf(before, after, () => true)).toEqual(['chain tell_outgoing'])
    expect(digestOf(after)).not.toBe(digestOf(before))
  })

  it('may lack the chain of an interface that has gone, and of no other', () => {
    const before = parseListing(listing('eth0'), links('eth0'))
    const after = new Map([...before].filter(([name]) => name !== 'chain egress_3'))
    expect(differencesOf(before, after, () => false)).toEqual([])
    expect(differencesOf(before, after, (index) => index === 3)).toEqual(['chain egress_3'])
  })

  it('shows which installation it is, and what it has at interfaces', () => {
    expect(findInstallation(listing('eth0'))).toEqual({
      chain: installationChain('a_b', 1_700_000_000_000),
      id: 'a_b',
      sinceWallMs: 1_700_000_000_000,
      logGroup: 21_321,
    })
    expect(findInstallation('table inet shoukou {\n}\n')).toBe(null)
    expect(deviceChains(listing('eth0'))).toEqual(['egress_3'])
  })
})

describe('what is written for nft', () => {
  it('is a number that can be no name, in octal', () => {
    expect(indexText(10)).toBe('000000000000000012')
    expect(indexText(4_294_967_295).length).toBeGreaterThan(15)
  })

  it('is a name in quotes, byte by byte, unless nft knows no way to write it', () => {
    expect(deviceText('eth0')).toBe('"eth0"')
    expect(deviceText('é;{}')).toBe('"\u00c3\u00a9;{}"')
    expect(deviceText({ b64: Buffer.from([0x61, 0xff]).toString('base64') })).toBe('"a\u00ff"')
    expect(deviceText('a"b')).toBe(null)
    expect(deviceText('a\nb')).toBe(null)
    expect(deviceText('sixteen-letters-')).toBe(null)
  })
})
