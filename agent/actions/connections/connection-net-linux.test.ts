/**
 * What the net sees, and what it says of it.
 *
 * On this computer's own kernel: needs root, a cgroup2 tree, BTF and gcc, and fails where one is missing. Only a cgroup
 * that the test makes is looked at; everything connects in a network namespace of its own.
 */
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatAddress, judgeDestination } from '@shoukou/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { portProtocols } from './approved-table.ts'
import { all, drainAll, EPERM, NetLab, nothing, refusing, totalsOf } from './testing/net-lab.ts'
import { randomAsker, randomDestinations } from './testing/random-destinations.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let lab: NetLab

beforeEach(async () => {
  lab = await NetLab.begin()
})
afterEach(() => lab.end())

describe('rules that found no place to be asked at', () => {
  it('are not in force before their programs are', async () => {
    const net = await lab.open()
    rmdirSync(lab.area.cgroup)
    await expect(net.setRules(refusing)).rejects.toThrow()
    await expect(net.setRules(refusing)).rejects.toThrow()
    mkdirSync(lab.area.cgroup)
    await net.setRules(refusing)
    expect(await lab.area.ask('tcp 10.2.2.3 80')).toEqual([EPERM])
    expect(net.totals()).toMatchObject({ counted: 1, refused: 1 })
  })
})

describe('the kernel’s verdict', () => {
  const isSendable = (to: { readonly protocol: number; readonly port: number }): boolean =>
    to.protocol !== 136 || to.port !== 0
  const waysOf: Readonly<Record<number, readonly string[]>> = {
    6: ['tcp', 'uring'],
    17: ['udp', 'send'],
    136: ['udplite-send'],
  }

  it('is the policy’s, for thousands of destinations', async () => {
    const law = { networkMode: 'classified-lan', rules: null } as const
    const net = await lab.netWith(refusing)
    let sockets = 0
    for (let seed = 1; seed <= 12; seed += 1) {
      const approved = randomDestinations(seed)
      const ask = randomAsker(seed, approved)
      const questions = Array.from({ length: 250 }, () => ask())
      // The kernel itself sends nothing to port 0.
      const asked = questions
        .filter(isSendable)
        .slice(0, 200)
        .map((to, index) => {
          const text = formatAddress(to.address)
          const choices = waysOf[to.protocol] ?? []
          const way = to.port === 0 ? choices[0] : choices[index % choices.length]
          const port = portProtocols.includes(to.protocol) ? to.port : null
          return {
            line: `${way} ${to.address.family === 'ipv4' && index % 3 === 0 ? `::ffff:${text}` : text} ${to.port}`,
            isApproved: judgeDestination(approved, { ...to, port }, law).isApproved,
          }
        })
      await net.setRules({ approved, refuses: true, refusesRaw: false })
      const answers = await lab.area.ask(...asked.map(({ line }) => line))
      const wrong = asked.filter(({ isApproved }, index) => (answers[index] === EPERM) === isApproved)
      expect(wrong, `seed ${seed}`).toEqual([])
      sockets += asked.filter(({ line }) => line.startsWith('udplite')).length
    }
    const { counted, approved, refused } = net.totals()
    // A socket of UDP-Lite is told for itself, and the destination judged after it.
    expect(counted).toBe(2_400 + sockets)
    expect(approved).toBeGreaterThan(400)
    expect(refused).toBe(2_400 - approved)
  })

  it('on an IPv4 address in the clothes of IPv6 is that on the address itself', async () => {
    const net = await lab.netWith({ ...refusing, approved: [all('10.1.0.0/16'), all('::/0')] })
    const ways = ['tcp', 'udp', 'send', 'uring']
    expect(await lab.area.ask(...ways.map((way) => `${way} ::ffff:10.1.2.3 80`))).toEqual([0, 0, 0, 0])
    expect(await lab.area.ask(...ways.map((way) => `${way} ::ffff:10.2.2.3 80`))).toEqual(
      Array(4).fill(EPERM),
    )
    for (const event of drainAll(net))
      expect(event).toMatchObject({ family: 'ipv4', peer: { address: '10.2.2.3', port: 80 } })
  })

  it('on protocols without ports goes by the address', async () => {
    const net = await lab.netWith({ ...refusing, approved: [all('10.1.0.0/16', { protocol: 1 })] })
    expect(net.lacks).toEqual([])
    expect(await lab.area.ask('ping 10.1.2.3 7', 'ping 10.2.2.3 7', 'ping fd00::1 0')).toEqual([
      0,
      EPERM,
      EPERM,
    ])
    expect(drainAll(net).map(({ protocol, peer }) => [protocol, peer])).toEqual([
      [1, { address: '10.2.2.3', port: 0 }],
      [58, { address: 'fd00::1', port: 0 }],
    ])
  })

  it('meets every way to connect', async () => {
    const net = await lab.netWith(refusing)
    const ways = [
      'fastopen',
      'fastopen-connect',
      'uring',
      'mptcp',
      'unspec-send',
      'connected-send',
      'udplite',
    ]
    expect(await lab.area.ask(...ways.map((way) => `${way} 10.0.0.1 80`))).toEqual(ways.map(() => EPERM))
    const told = drainAll(net).filter((event) => event.peer?.address === '10.0.0.1')
    expect(told.map((event) => event.act)).toEqual([
      'connect',
      'connect',
      'connect',
      'connect',
      'send',
      'send',
    ])
  })

  it('is not asked for what the kernel itself refuses', async () => {
    const net = await lab.netWith(refusing)
    expect(await lab.area.ask('foreign-family 10.0.0.1 80')).not.toEqual([EPERM])
    expect(net.totals()).toEqual(totalsOf(0))
  })

  it('lets everything pass, uncounted, until there are rules', async () => {
    const net = await lab.open()
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([0])
    expect(net.totals()).toEqual(totalsOf(0))
  })

  it('stays what it was where rules are too many', async () => {
    const net = await lab.netWith(refusing)
    const approved = Array.from({ length: 100 }, (_, index) =>
      all('10.0.0.0/8', { protocol: 6, firstPort: 2 * index, lastPort: 2 * index }),
    )
    await expect(net.setRules({ ...refusing, approved })).rejects.toThrow(/port ranges/)
    expect(await lab.area.ask('tcp 10.0.0.1 80')).toEqual([EPERM])
    expect(await net.inspect()).toEqual([])
  })
})

describe('raw sockets', () => {
  it('are told, and made, in a mode that only looks', async () => {
    const net = await lab.netWith({ ...nothing, approved: [all('0.0.0.0/0'), all('::/0')] })
    expect(await lab.area.ask('raw 10.0.0.1 0', 'raw fd00::1 0')).toEqual([0, 0])
    expect(net.totals()).toEqual({ ...totalsOf(2), reported: 0 })
    expect(drainAll(net).map(({ act, family, socketType, peer }) => [act, family, socketType, peer])).toEqual(
      [
        ['socket', 'ipv4', 3, null],
        ['socket', 'ipv6', 3, null],
      ],
    )
    expect(net.totals()).toEqual(totalsOf(2))
  })

  it('stand for those of UDP-Lite too, which the kernel does not ask about when they connect', async () => {
    const net = await lab.netWith(nothing)
    expect(await lab.area.ask('udplite 10.0.0.1 80')).toEqual([0])
    expect(drainAll(net)).toMatchObject([{ act: 'socket', protocol: 136, socketType: 2, isRefused: false }])
    await net.setRules({ ...nothing, refusesRaw: true })
    expect(await lab.area.ask('udplite 10.0.0.1 80')).toEqual([EPERM])
  })

  it('are not made where they are refused, though destinations are not', async () => {
    const net = await lab.netWith({ ...nothing, refusesRaw: true })
    expect(await lab.area.ask('raw 10.0.0.1 0', 'tcp 10.0.0.1 80')).toEqual([EPERM, 0])
    expect(drainAll(net).map(({ act, isRefused }) => [act, isRefused])).toEqual([
      ['socket', true],
      ['connect', false],
    ])
  })
})

describe('what stands beside the count', () => {
  it.each([
    ['IPv4', '10.9.9.9', '10.9.9.9'],
    ['IPv6', 'fd00::9', 'fd00::9'],
    ['IPv4 in the clothes of IPv6', '::ffff:10.9.9.9', '10.9.9.9'],
  ])('tells who waits at a port and which connection came about, over %s', async (_, asked, address) => {
    const net = await lab.netWith(nothing)
    expect(await lab.area.run([lab.area.program, 'pair', asked, '8443'])).toBe('said 0\n')
    const events = drainAll(net)
    expect(events.map((event) => event.act)).toEqual(['bind', 'connect', 'established', 'accepted'])
    const [bind, connect, established, accepted] = events
    expect(bind).toMatchObject({ peer: null, local: { address, port: 8443 }, process: { uid: 0 } })
    expect(bind?.process?.path?.toString()).toBe(lab.area.program)
    expect(established).toMatchObject({ cookie: connect?.cookie, process: null, peer: connect?.peer })
    expect(established?.local?.address).toBe(address)
    expect(accepted).toMatchObject({
      process: null,
      local: { address, port: 8443 },
      peer: established?.local,
    })
    expect(net.totals()).toEqual(totalsOf(1))
    expect(net.counters()).toMatchObject({ sideTold: 3, sideLost: 0 })
  })

  it('is silent about the loopback, ports of the kernel’s choice, and connections to what is approved', async () => {
    const net = await lab.netWith({ ...nothing, approved: [all('10.9.9.9/32'), all('127.0.0.0/8')] })
    expect(await lab.area.ask('bind 127.0.0.1 8080', 'bind ::1 8080', 'bind ::ffff:127.0.0.1 8081')).toEqual([
      0, 0, 0,
    ])
    expect(await lab.area.ask('bind 10.9.9.9 0', 'bind :: 0')).toEqual([0, 0])
    await lab.area.run([lab.area.program, 'pair', '127.0.0.1', '8082'])
    expect(drainAll(net)).toEqual([])
    await lab.area.run([lab.area.program, 'pair', '10.9.9.9', '8082'])
    expect(drainAll(net).map((event) => event.act)).toEqual(['bind', 'accepted'])
  })

  it('never takes the room of attempts', async () => {
    const net = await lab.netWith(nothing, { ringBytes: 65_536 })
    await lab.area.storm({ way: 'bind', hosts: '10.9.9.9', processes: 1, each: 1_000 })
    expect(net.counters().sideLost).toBeGreaterThan(500)
    expect(await lab.area.ask(...Array<string>(200).fill('tcp 10.0.0.1 80'))).toHaveLength(200)
    expect(net.totals()).toEqual({ ...totalsOf(200), reported: 0 })
    const events = drainAll(net)
    expect(net.totals()).toEqual(totalsOf(200))
    expect(events.length).toBe(200 + net.counters().sideTold)
  })
})

describe('the process', () => {
  it('is named by its path though it is gone at once, also where a folder is mounted', async () => {
    const net = await lab.netWith(nothing)
    const paths = [
      lab.area.copyProgram('one', 'connect-storm'),
      lab.area.copyProgram('two', 'a b\nc', 'other'),
      lab.area.copyProgram('three', 'x'),
    ]
    const mounted = join(lab.area.folder, 'mounted')
    await lab.area.run(['true'])
    const inMount = `mkdir ${mounted} && mount -t tmpfs tmpfs ${mounted} && mkdir -p ${mounted}/in && cp ${lab.area.program} ${mounted}/in/program && echo tcp 10.0.0.9 9 | ${mounted}/in/program`
    for (const [index, path] of paths.entries()) await lab.area.askFrom(path, `tcp 10.0.0.${index} 9`)
    await lab.area.run(['unshare', '-m', 'sh', '-c', inMount])
    const told = drainAll(net).map(({ peer, process }) => [peer?.address, process?.path?.toString()])
    expect(told).toEqual([
      ...paths.map((path, index) => [`10.0.0.${index}`, path]),
      ['10.0.0.9', join(mounted, 'in', 'program')],
    ])
  })

  it('is another one after it has become another program', async () => {
    const net = await lab.netWith(nothing)
    const [first, second] = [lab.area.copyProgram('first'), lab.area.copyProgram('second')]
    // Both descriptors are one pipe: what the first leaves unread, the second reads.
    const script = `printf 'tcp 10.0.0.1 9\\n' > ${lab.area.folder}/a; printf 'tcp 10.0.0.2 9\\n' > ${lab.area.folder}/b; perl -MSocket -e 'socket(S,2,1,0); connect(S,sockaddr_in(9,inet_aton("10.0.0.3"))); open(STDIN,"<","${lab.area.folder}/b"); exec "${second}"'`
    await lab.area.askFrom(first, 'tcp 10.0.0.1 9')
    await lab.area.run(['sh', '-c', script])
    const [a, perl, b] = drainAll(net).map((event) => event.process)
    expect(a?.path?.toString()).toBe(first)
    expect(perl?.path?.toString()).toMatch(/perl/)
    expect(b?.path?.toString()).toBe(second)
    expect(b?.pid).toBe(perl?.pid)
  })

  it('deeper than is walked is told by the end of its path', async () => {
    const net = await lab.netWith(nothing)
    const path = lab.area.copyProgram(...Array<string>(40).fill('d'), 'deep')
    await lab.area.askFrom(path, 'tcp 10.0.0.1 9')
    const told = drainAll(net)[0]?.process?.path?.toString() ?? ''
    expect(told.startsWith('/')).toBe(false)
    expect(path.endsWith(`/${told}`)).toBe(true)
    expect(told.split('/').length).toBeGreaterThan(24)
  })

  it('in another cgroup below and in another network namespace is seen too', async () => {
    const net = await lab.netWith(refusing)
    const child = lab.area.addChild('container')
    await lab.area.run([lab.area.program], { input: 'tcp 10.0.0.1 9\n', cgroup: child.folder })
    await lab.area.ask('tcp 10.0.0.1 9')
    const [below, beside] = drainAll(net)
    expect(below?.process?.cgroupId).toBe(child.id)
    expect(below?.isRefused && beside?.isRefused).toBe(true)
    expect(below?.process?.namespace).not.toBe(beside?.process?.namespace)
  })

  it('has no path, and the net says so, where the kernel does not describe itself', async () => {
    const net = await lab.netWith(nothing, { btf: join(lab.area.folder, 'none') })
    expect(net.lacks).toContainEqual(expect.stringContaining('path'))
    await lab.area.ask('tcp 10.0.0.1 9')
    const [event] = drainAll(net)
    expect(event?.process).toMatchObject({ path: null, uid: 0 })
    expect(event?.process?.name.toString()).toBe('connect-storm')
  })
})
