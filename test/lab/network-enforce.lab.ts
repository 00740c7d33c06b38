/** An enforcing computer: no packet leaves that policy does not allow, whoever sends it, with or without the agent. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { IsolationOrderAnswer, NetworkAnswer } from '../../console/api/contract-network.ts'
import { joinSecondPerson } from '../support/second-person.ts'
import { type NetworkLab, SECOND_MAC } from './network-lab.ts'
import { LINK_NAME } from './qemu-arguments.ts'
import { RULES_WITH_OUTSIDE, useComputer } from './shared-computers.ts'

const PINS = '/sys/fs/bpf/shoukou/connections'
const APPROVED = '10.0.2.50'

describe('a computer whose network is enforced', () => {
  const computer = useComputer('network-enforce')
  let net: NetworkLab
  let nextAddress = 1
  /** An address of the Internet that nothing has spoken to yet. */
  const fresh = () => `93.184.217.${nextAddress++}`

  beforeAll(() => {
    net = computer()
  })

  const ways = [
    { title: 'a TCP connection', args: (to: string) => `flash ${to} 443`, says: 'errno 1' },
    { title: 'a datagram', args: (to: string) => `send ${to} 53`, says: 'errno 1' },
    { title: 'TCP that sends without connecting', args: (to: string) => `fastopen ${to} 443`, says: null },
    { title: 'an ICMP echo from a raw socket', args: (to: string) => `ping ${to}`, says: null },
    { title: 'a packet of no known protocol', args: (to: string) => `raw ${to}`, says: null },
    { title: 'an SCTP association', args: (to: string) => `sctp ${to} 443`, says: null },
    { title: 'a frame below IP', args: (to: string) => `frame ${LINK_NAME} ${to} 443`, says: null },
  ] as const

  it('lets pass what is approved, and accuses nobody of it', async () => {
    await net.act(`flash ${APPROVED} 8001`, 'approved')
    await net.lab.waitUntil('the packet', async () => (await net.link.countTo(APPROVED)) > 0)
    expect(await net.lab.violations()).toEqual([])
  })

  it('refuses an approved host at another port', async () => {
    const before = await net.link.countTo(APPROVED)
    await net.found({
      act: async () => expect(await net.act(`flash ${APPROVED} 9000`, 'wrong-port')).toBe('errno 1'),
      violations: ['external-connection-attempt'],
    })
    expect(await net.link.countTo(APPROVED)).toBe(before)
  })

  for (const [at, { title, args, says }] of ways.entries()) {
    it(`lets not one packet out: ${title}`, async () => {
      const to = fresh()
      if (title.includes('SCTP')) await net.lab.guest.run('modprobe sctp')
      const found = await net.found({
        act: async () => {
          const said = await net.act(args(to), `way-${at}`)
          if (says !== null) expect(said).toBe(says)
        },
        violations: ['external-connection-attempt'],
        may: ['external-connection-attempt'],
      })
      expect(found.one('external-connection-attempt').evidence).toMatchObject({
        found: { outcome: 'blocked' },
      })
      expect(await net.link.countTo(to)).toBe(0)
    })
  }

  it('lets not one packet out over IPv6', async () => {
    const to = '2606:4700:0:0:0:0:0:2222'
    await net.found({
      act: async () => expect(await net.act(`flash ${to} 443`, 'six')).toBe('errno 1'),
      violations: ['external-connection-attempt'],
    })
    expect(await net.link.countTo(to)).toBe(0)
  })

  it('refuses 2,000 of 2,000 in a burst', async () => {
    const printed = await net.act('storm 10 200 198.18.0.1 100 9', 'storm')
    expect(printed).toMatch(/^connects 2000 refused 2000 /m)
    expect((await net.link.frames()).filter(({ destination }) => destination.startsWith('198.18.'))).toEqual(
      [],
    )
    await net.lab.waitUntil('the verdict', async () =>
      JSON.stringify(await net.lab.violations()).includes('storm'),
    )
  })

  it('refuses while the agent is dead, and the agent tells of it when it is back', async () => {
    const to = [fresh(), fresh()] as const
    const before = await net.mark()
    await net.lab.killAgent()
    expect(await net.act(`flash ${to[0]} 443`, 'while-dead')).toBe('errno 1')
    await net.act(`ping ${to[1]}`, 'while-dead-raw')
    expect(await net.link.countTo(to[0])).toBe(0)
    expect(await net.link.countTo(to[1])).toBe(0)
    await net.start()
    await net.lab.waitUntil('what was refused meanwhile', async () =>
      (await net.since(before, 'network.connections')).some((fact) =>
        fact.flows.some(({ peer }) => peer?.address === to[0]),
      ),
    )
  })

  it('cuts a card that is plugged in: dropped, down, and not one packet of a program', async () => {
    const before = await net.mark()
    let pull: (() => Promise<void>) | undefined
    await net.found({
      act: async () => {
        pull = await net.plugCard()
        await net.lab.guest.run(
          `until link=$(basename "$(dirname "$(grep -l ${SECOND_MAC} /sys/class/net/*/address)")") && [ "$link" != . ]; do sleep 0.05; done; udevadm settle
          link=$(basename "$(dirname "$(grep -l ${SECOND_MAC} /sys/class/net/*/address)")")
          ip address add 10.9.0.15/24 dev "$link"; ip link set "$link" up
          for try in 1 2 3 4 5; do /netact send 10.9.0.2 53; ping=1; sleep 0.2; done
          for try in 1 2 3 4 5; do [ "$(cat /sys/class/net/$link/operstate)" = down ] && break; sleep 0.5; done
          cat /sys/class/net/$link/operstate | grep -x down`,
        )
      },
      violations: ['unregistered-network-adapter'],
      may: ['external-connection-attempt', 'dual-homing', 'nonclassified-network-connection'],
      quietMs: 2_500,
    })
    const [cut] = (await net.since(before, 'network.acted')).filter(({ act }) => act === 'cut')
    expect(cut?.interface?.mac).toBe(SECOND_MAC)
    expect(cut?.steps.filter(({ result }) => result === 'failed')).toEqual([])
    expect(cut?.steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['packet-table', 'link-down']))
    expect((await net.second.frames()).filter(({ protocol }) => protocol === 17 || protocol === 6)).toEqual(
      [],
    )
    await pull?.()
  })

  it('cuts a telephone that shares its network, down to its USB authorisation', async () => {
    const before = await net.mark()
    const gadget = await net.gadgets.plug({
      vendorId: '18d1',
      productId: '4ee4',
      product: 'Pixel',
      serial: 'TETHER2',
      functions: [{ kind: 'rndis' }],
    })
    const acts = async () =>
      (await net.since(before, 'network.acted')).filter(
        ({ act, interface: adapter }) => act === 'cut' && adapter?.tether === 'rndis',
      )
    await net.lab.guest.run(
      `for try in $(seq 100); do
        for link in /sys/class/net/*; do
          [ "$(basename "$(readlink "$link/device/driver")")" = rndis_host ] && ip link set "\${link##*/}" up && exit
        done; sleep 0.1
      done`,
      { mayFail: true },
    )
    await net.lab.waitUntil('the cut', async () => (await acts()).length > 0)
    const steps = (await acts())[0]?.steps ?? []
    expect(steps.map(({ step, result }) => `${step} ${result}`)).toEqual(
      expect.arrayContaining(['packet-table done', 'unauthorise done']),
    )
    await gadget.unplug()
  })

  it('is isolated by the console over a restart of the agent, and released by two people', async () => {
    const { agent } = await net.lab.computer()
    const second = await joinSecondPerson(net.lab.console, net.lab.admin)
    const order = async (act: 'isolate' | 'release') =>
      await net.lab.admin.send<IsolationOrderAnswer>('POST', '/api/isolations', {
        agents: [agent],
        act,
        reason: 'the lab',
      })
    const state = async () =>
      (await net.lab.admin.get<NetworkAnswer>(`/api/computers/${agent}/network`)).isolation?.state
    expect((await order('isolate')).orders).toEqual([{ agent, result: 'sent' }])
    await net.lab.waitUntil('the effect', async () => (await state()) === 'in-force')
    const before = await net.link.countTo(APPROVED)
    expect(await net.act(`flash ${APPROVED} 8001`, 'isolated')).toBe('errno 1')
    await net.lab.killAgent()
    expect(await net.act(`flash ${APPROVED} 8001`, 'isolated')).toBe('errno 1')
    await net.start()
    expect(await net.act(`flash ${APPROVED} 8001`, 'isolated')).toBe('errno 1')
    expect(await net.link.countTo(APPROVED)).toBe(before)
    await second.agreeTo((await order('release')).proposal)
    await net.lab.waitUntil('the release', async () => (await state()) === 'released')
    await net.act(`flash ${APPROVED} 8001`, 'free-again')
    await net.lab.waitUntil('the packet', async () => (await net.link.countTo(APPROVED)) > before)
  })

  it('holds although root flushes the rules and removes the pins, and tells of it', async () => {
    const to = fresh()
    await net.found({
      act: () => net.lab.guest.run(`nft flush ruleset; rm ${PINS}/*`),
      violations: ['agent-tamper'],
      may: ['agent-tamper'],
      quietMs: 4_000,
    })
    expect(await net.act(`flash ${to} 443`, 'after-tamper')).toBe('errno 1')
    await net.act(`ping ${to}`, 'after-tamper-raw')
    expect(await net.link.countTo(to)).toBe(0)
  })

  it('refuses nothing any more when policy says so', async () => {
    const to = fresh()
    await net.changePolicy({
      modes: { media: 'observe', network: 'observe', files: 'observe' },
      network: RULES_WITH_OUTSIDE,
    })
    await net.lab.waitUntil(
      'the table to be gone',
      async () => !(await net.lab.guest.run('nft list tables')).stdout.includes('shoukou'),
    )
    await net.act(`flash ${to} 443`, 'observed')
    await net.lab.waitUntil('the packet', async () => (await net.link.countTo(to)) > 0)
  })
})
