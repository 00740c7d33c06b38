/** Every way out of a computer that only alarms: each is seen, attributed and proven, and nothing is held back. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type NetworkLab, SECOND_MAC } from './network-lab.ts'
import { LINK_NAME } from './qemu-arguments.ts'
import { OUTSIDE, useComputer } from './shared-computers.ts'

describe('a computer whose network only alarms', () => {
  const computer = useComputer('network-alarm')
  let net: NetworkLab

  beforeAll(async () => {
    net = computer()
    await net.lab.guest.run('setsid ip netns exec outside /netact serve 80 </dev/null >/run/serve.log 2>&1 &')
  })

  it('accuses nobody of what is approved', async () => {
    const before = (await net.lab.violations()).length
    await net.act('flash 10.0.2.50 8001', 'approved')
    await net.act('connect 127.0.0.1 9', 'loopback')
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect((await net.lab.violations()).slice(before)).toEqual([])
  })

  const ways = [
    {
      title: 'a TCP connection that is closed in the instant it is opened',
      args: 'flash 93.184.216.34 443',
      to: '93.184.216.34',
      protocol: 6,
      hasOwner: true,
    },
    {
      title: 'a question to a public DNS server',
      args: 'send 8.8.8.8 53',
      to: '8.8.8.8',
      protocol: 17,
      hasOwner: true,
    },
    {
      title: 'an IPv6 connection',
      args: 'flash 2606:4700:0:0:0:0:0:1111 443',
      to: '2606:4700:0:0:0:0:0:1111',
      protocol: 6,
      hasOwner: true,
    },
    {
      title: 'TCP that sends without connecting',
      args: 'fastopen 93.184.216.35 443',
      to: '93.184.216.35',
      protocol: 6,
      hasOwner: false,
    },
    {
      title: 'an ICMP echo from a raw socket',
      args: 'ping 93.184.216.36',
      to: '93.184.216.36',
      protocol: 1,
      hasOwner: false,
    },
    {
      title: 'a packet of no known protocol',
      args: 'raw 93.184.216.37',
      to: '93.184.216.37',
      protocol: 253,
      hasOwner: false,
    },
    {
      title: 'an SCTP association',
      args: 'sctp 93.184.216.38 443',
      to: '93.184.216.38',
      protocol: 132,
      hasOwner: false,
    },
    {
      title: 'a frame below IP',
      args: `frame ${LINK_NAME} 93.184.216.39 443`,
      to: '93.184.216.39',
      protocol: 17,
      hasOwner: false,
    },
  ] as const

  for (const [at, { title, args, to, protocol, hasOwner }] of ways.entries()) {
    it(`sees ${title}, and lets it pass`, async () => {
      const program = `way-${at}`
      if (protocol === 132) await net.lab.guest.run('modprobe sctp')
      const found = await net.found({
        act: () => net.act(args, program),
        violations: ['external-connection-attempt'],
        // The packet is told beside the call where the two could not be joined.
        may: hasOwner ? [] : ['external-connection-attempt'],
      })
      const flows = found.flows.filter((flow) => flow.peer?.address === shortest(to))
      expect(flows.map((flow) => flow.protocol)).toContain(protocol)
      const { evidence } = found.one('external-connection-attempt')
      if (hasOwner) {
        expect(evidence).toMatchObject({
          process: { path: `/run/${program}` },
          account: 'root',
          found: { outcome: 'detected', program: { path: `/run/${program}`, uid: 0 } },
        })
        const pictures = JSON.stringify((evidence as { found: { picture: unknown } }).found.picture)
        for (const part of ['52:54:00:4c:41:42', '10.0.2.2', '52:55:0a:00:02:02'])
          expect(pictures).toContain(part)
      }
      expect(await net.link.countTo(to)).toBeGreaterThan(0)
    })
  }

  it('confirms that a host of the Internet answered', async () => {
    const found = await net.found({
      act: () => net.act(`connect ${OUTSIDE} 80`, 'browser'),
      violations: ['internet-connection'],
      // The other end is a program of the same kernel: that it accepted is told too.
      may: ['external-connection-attempt', 'internet-connection'],
    })
    expect(found.one('internet-connection').evidence).toMatchObject({
      confidence: 'confirmed-reachability',
      peer: { address: OUTSIDE, port: 80 },
      found: { program: { path: '/run/browser' } },
    })
  })

  it('sees a program in another network namespace, though it has no way out', async () => {
    await net.lab.guest.run('ip netns add box; ip -n box link set lo up')
    const found = await net.found({
      act: () => net.act('flash 93.184.216.40 443', 'boxed', 'ip netns exec box'),
      violations: ['external-connection-attempt'],
    })
    expect(found.one('external-connection-attempt').evidence).toMatchObject({
      found: { program: { path: '/run/boxed', isOtherNamespace: true } },
    })
  })

  it('names the container of a program that stands in one', async () => {
    const id = 'c0ffee'.padEnd(64, '0')
    await net.lab.guest.run(`mkdir -p /sys/fs/cgroup/system.slice/docker-${id}.scope`)
    const found = await net.found({
      act: () =>
        net.act(
          'flash 93.184.216.42 443',
          'contained',
          `echo $$ >/sys/fs/cgroup/system.slice/docker-${id}.scope/cgroup.procs;`,
        ),
      violations: ['external-connection-attempt'],
    })
    expect(found.one('external-connection-attempt').evidence).toMatchObject({
      found: { program: { path: '/run/contained', container: id } },
    })
  })

  it('counts 2,000 connections of a burst, each with its process', async () => {
    const before = await net.mark()
    const printed = await net.act('storm 10 200 198.18.0.1 100 9', 'storm')
    const pids = [...printed.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid))
    const flows = async () =>
      (await net.since(before, 'network.connections')).flatMap((fact) =>
        fact.net === 'socket' && fact.program?.path === '/run/storm' ? fact.flows : [],
      )
    const sum = async () => (await flows()).reduce((all, { count }) => all + count, 0)
    await net.lab.waitUntil('all 2,000', async () => (await sum()) >= 2_000)
    expect(await sum()).toBe(2_000)
    const byPid = Map.groupBy(await flows(), ({ pid }) => pid ?? -1)
    expect([...byPid.keys()].toSorted((a, b) => a - b)).toEqual(pids.toSorted((a, b) => a - b))
    for (const own of byPid.values()) expect(own.reduce((all, { count }) => all + count, 0)).toBe(200)
    const totals = async () =>
      (await net.since(before, 'network.counted')).findLast((fact) => fact.net === 'socket')?.totals
    await net.lab.waitUntil('the count', async () => ((await totals())?.reported ?? 0) >= 2_000)
    const last = await totals()
    expect(last?.lost).toBe(0)
    expect(last?.prohibited).toBe(last?.reported)
  })

  const interfaces = [
    [
      'a VLAN',
      `ip link add link ${LINK_NAME} name lan7 type vlan id 7; ip address add 10.77.0.1/24 dev lan7; ip link set lan7 up`,
      'lan7',
    ],
    [
      'a macvlan',
      `ip link add link ${LINK_NAME} name mac7 type macvlan; ip address add 10.78.0.1/24 dev mac7; ip link set mac7 up`,
      'mac7',
    ],
    [
      'a tunnel',
      'modprobe tun; ip tuntap add tun7 mode tun; ip address add 10.79.0.1/24 dev tun7; ip link set tun7 up',
      'tun7',
    ],
    [
      'a VPN of WireGuard',
      'ip link add wg7 type wireguard; ip address add 10.80.0.1/24 dev wg7; ip link set wg7 up',
      'wg7',
    ],
    [
      'a bridge',
      `ip link add br7 type bridge; ip link add port7 type dummy; ip link set port7 master br7
        ip address add 10.81.0.1/24 dev br7; ip link set port7 up; ip link set br7 up`,
      'port7',
    ],
  ] as const
  for (const [title, script, name] of interfaces) {
    it(`sees ${title} that is brought up`, async () => {
      const found = await net.found({
        act: () => net.lab.guest.run(script),
        violations: ['unregistered-network-adapter'],
        may: [
          'nonclassified-network-connection',
          'internet-connection',
          'connection-sharing',
          'dual-homing',
          'unregistered-network-adapter',
        ],
      })
      expect(JSON.stringify(found.one('unregistered-network-adapter').evidence)).toContain(name)
      await net.lab.guest.run(`ip link delete ${name}; ip link delete br7 2>/dev/null || true`)
    })
  }

  it('sees forwarding that is switched on, and that it ended', async () => {
    const found = await net.found({
      act: () => net.lab.guest.run('sysctl -qw net.ipv4.ip_forward=1'),
      violations: ['connection-sharing'],
    })
    expect(found.one('connection-sharing').evidence).toMatchObject({ service: 'forwarding' })
    const { id } = found.one('connection-sharing').violation
    await net.lab.guest.run('sysctl -qw net.ipv4.ip_forward=0')
    await net.lab.waitUntil('its end', async () => {
      const all = await net.lab.violations()
      return all.find((one) => one.id === id)?.endedAt !== null
    })
  })

  it('sees the address translation of somebody else, and leaves the rules alone', async () => {
    const rules =
      'table ip other { chain post { type nat hook postrouting priority 100; oifname "nowhere" masquerade; }; }'
    await net.found({
      act: () => net.lab.guest.run(`echo '${rules}' | nft -f -`),
      violations: ['connection-sharing'],
    })
    expect((await net.lab.guest.run('nft list table ip other')).stdout).toContain('masquerade')
    await net.lab.guest.run('nft delete table ip other')
  })

  it('sees a program that waits for others at the port of a proxy', async () => {
    const found = await net.found({
      act: () => net.serve(3128, 'waiter'),
      violations: ['connection-sharing'],
    })
    expect(found.one('connection-sharing').evidence).toMatchObject({ service: 'proxy', port: 3128 })
    await net.lab.guest.run('pkill -x waiter')
  })

  it('sees a second card with a network of its own', async () => {
    let pull: (() => Promise<void>) | undefined
    const found = await net.found({
      act: async () => {
        pull = await net.plugCard()
        await net.lab.guest.run(
          `until link=$(basename "$(dirname "$(grep -l ${SECOND_MAC} /sys/class/net/*/address)")") && [ "$link" != . ]; do sleep 0.1; done; udevadm settle
          link=$(basename "$(dirname "$(grep -l ${SECOND_MAC} /sys/class/net/*/address)")")
          ip link set "$link" up; timeout 30 dhclient -1 -sf /bin/true "$link" || true
          ip address replace 10.9.0.15/24 dev "$link"; ip route add default via 10.9.0.2 dev "$link" metric 300`,
          { timeoutMs: 60_000 },
        )
      },
      violations: ['unregistered-network-adapter', 'dual-homing', 'nonclassified-network-connection'],
      may: ['external-connection-attempt', 'dual-homing', 'nonclassified-network-connection'],
      quietMs: 3_000,
    })
    expect(JSON.stringify(found.one('dual-homing').evidence)).toContain(SECOND_MAC)
    const conditions = found.records.flatMap(({ record: { fact } }) =>
      fact.kind === 'network.condition' && fact.state === 'began' ? [[fact.condition, fact.text]] : [],
    )
    // The router advertised itself; the DHCP server's lease brought the other.
    expect(conditions).toEqual(
      expect.arrayContaining([
        ['second-default-route', 'ipv4'],
        ['second-default-route', 'ipv6'],
      ]),
    )
    expect(found.one('nonclassified-network-connection').evidence).toMatchObject({
      interface: { mac: SECOND_MAC },
    })
    await pull?.()
  })

  it('sees a radio, a hotspot, and an association with the name of its network', async () => {
    const radios = await net.found({
      act: () => net.lab.guest.run('modprobe mac80211_hwsim radios=2; udevadm settle'),
      violations: ['wireless-hardware-present', 'wireless-hardware-present'],
      may: ['unregistered-network-adapter'],
    })
    expect(JSON.stringify(radios.one('wireless-hardware-present').evidence)).toContain('hwsim')
    const hotspot = await net.found({
      act: () =>
        net.lab.guest.run(
          `printf 'interface=wlan0\\nssid=free-wifi\\nhw_mode=g\\nchannel=1\\n' >/run/hostapd.conf
          hostapd -B -P /run/hostapd.pid /run/hostapd.conf`,
        ),
      violations: ['connection-sharing'],
      may: ['unregistered-network-adapter', 'wireless-link-up', 'dual-homing'],
    })
    expect(hotspot.one('connection-sharing').evidence).toMatchObject({ service: 'hotspot' })
    const joined = await net.found({
      act: () =>
        net.lab.guest.run(
          `printf 'network={\\nssid="free-wifi"\\nkey_mgmt=NONE\\n}\\n' >/run/wpa.conf
          wpa_supplicant -B -P /run/wpa.pid -i wlan1 -c /run/wpa.conf`,
        ),
      violations: ['wireless-link-up'],
      may: ['unregistered-network-adapter', 'dual-homing', 'nonclassified-network-connection'],
    })
    expect(joined.one('wireless-link-up').evidence).toMatchObject({ ssid: 'free-wifi' })
    expect(JSON.stringify(joined.one('wireless-link-up').evidence)).toMatch(/"bssid":"[0-9a-f:]{17}"/)
    await net.lab.guest.run(
      'kill $(cat /run/wpa.pid) $(cat /run/hostapd.pid); sleep 1; modprobe -r mac80211_hwsim',
    )
  })

  it('tells a Bluetooth radio that appears', async () => {
    const before = await net.mark()
    await net.lab.guest.run("modprobe hci_vhci; (printf '\\377\\000'; sleep 20) >/dev/vhci &")
    await net.lab.waitUntil('the radio', async () =>
      (await net.since(before, 'network.hardware')).some((fact) => fact.hardware.kind === 'bluetooth'),
    )
  })

  it('sees a telephone that shares its network', async () => {
    await net.found({
      act: () =>
        net.gadgets.plug({
          vendorId: '18d1',
          productId: '4ee4',
          product: 'Pixel',
          serial: 'TETHER1',
          functions: [{ kind: 'rndis' }],
        }),
      violations: ['phone-tethering'],
      may: ['unregistered-network-adapter', 'phone-or-camera-connected', 'dual-homing'],
    })
  })

  it('notices rules that root flushed and a pin that root removed, restores both, and says so', async () => {
    const flushed = await net.found({
      act: () => net.lab.guest.run('nft flush ruleset'),
      violations: ['agent-tamper'],
      quietMs: 3_000,
    })
    expect(JSON.stringify(flushed.one('agent-tamper').evidence)).toContain('rules')
    expect((await net.lab.guest.run('nft list tables')).stdout).toContain('shoukou')
    const pins = '/sys/fs/bpf/shoukou/connections'
    const before = (await net.lab.guest.run(`ls ${pins} | sort`)).stdout
    await net.found({
      act: () => net.lab.guest.run(`rm ${pins}/*`),
      violations: ['agent-tamper'],
      quietMs: 3_000,
    })
    expect((await net.lab.guest.run(`ls ${pins} | sort`)).stdout).toBe(before)
    await net.found({
      act: () => net.act('flash 93.184.216.41 443', 'after-tamper'),
      violations: ['external-connection-attempt'],
    })
  })

  it('says that a net is missing where nft is, and goes on with the other', async () => {
    await net.lab.guest.run('mv "$(command -v nft)" /nft.away')
    await net.lab.killAgent()
    await net.lab.guest.run('/nft.away delete table inet shoukou; /nft.away delete table netdev shoukou')
    await net.lab.startAgent()
    await net.lab.waitUntil('the condition of the computer', async () =>
      (await net.lab.computer()).watch.reasons.some(({ code }) => code === 'network-not-in-force'),
    )
    const { reasons, state } = (await net.lab.computer()).watch
    expect(state).not.toBe('proven')
    expect(JSON.stringify(reasons)).toContain('nft')
    await net.found({
      act: () => net.act('flash 93.184.216.43 443', 'without-nft'),
      violations: ['external-connection-attempt'],
      // The tables that were gone when the agent came back.
      may: ['agent-tamper'],
    })
  })
})

/** As RFC 5952 writes it, and so the records. */
function shortest(address: string): string {
  return address.replace(/(?:^|:)0(?::0)+(?::|$)/, '::')
}
