import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { run } from './testing/own-network-linux.ts'
import {
  cable,
  closeNet,
  damages,
  killedAgent,
  lan,
  loopback,
  open,
  rename,
  rules,
  sendUdp,
  statePathOfTest,
  theirs,
  to,
  told,
  useOwnNetwork,
} from './testing/packet-bench-linux.ts'

// Each starts some ten programs; on a machine that is busy that takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
useOwnNetwork()

describe('tampering', () => {
  it('is noticed and made good at once, and the table of others is left alone', async () => {
    await cable()
    run('nft', ['-f', '-'], theirs)
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true }))
    await sendUdp('10.9.0.2')
    await told(net, 1)
    const { id } = net
    run('nft', ['flush', 'ruleset'])
    const [flushed] = await damages(net)
    expect(flushed).toMatchObject({ what: 'rules-flushed', isRestored: true })
    expect(flushed?.openMs).toBeLessThan(1_000)
    expect(net.id).not.toBe(id)
    expect(await sendUdp('10.9.0.2')).toBe('EPERM')
    await told(net, 1)
    expect((await net.totals()).counted).toBe(1)
    run('nft', ['add', 'element', 'inet', 'shoukou', 'any_ipv4', '{ 10.9.0.2 }'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    run('nft', ['insert', 'rule', 'inet', 'shoukou', 'output', 'accept'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    run('nft', ['add', 'table', 'inet', 'shoukou', '{ flags dormant; }'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    run('nft', ['delete', 'table', 'netdev', 'shoukou'])
    expect(await damages(net)).toMatchObject([{ what: 'rules-altered', isRestored: true }])
    expect(await sendUdp('10.9.0.2')).toBe('EPERM')
    run('nft', ['add', 'table', 'inet', 'theirs'])
    run('nft', ['-f', '-'], theirs)
    await sleep(200)
    expect(await net.inspect()).toEqual([])
    await closeNet(net)
    expect(run('nft', ['list', 'tables'])).toBe('table inet theirs\n')
  })

  it('is not what a rename or an unplugged adapter looks like', async () => {
    await cable()
    run('ip', ['link', 'add', 'w0', 'type', 'veth', 'peer', 'name', 'w1'])
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true, interfaces: ['v0', 'w0'], cut: ['w0'] }))
    rename('v0', 'renamed')
    run('ip', ['link', 'del', 'w0'])
    run('nft', ['add', 'table', 'inet', 'theirs'])
    await sleep(300)
    expect(await net.inspect()).toEqual([])
    const { id } = net
    await net.setRules(rules({ approved: lan, drops: true, interfaces: ['renamed'] }))
    expect(net.id).toBe(id)
  })

  it('that set the counters back takes nothing from the totals', async () => {
    await cable()
    const net = await open()
    await net.setRules(rules({ approved: lan, drops: true }))
    await sendUdp('10.9.0.2')
    await told(net, 1)
    expect((await net.totals()).counted).toBe(1)
    run('nft', ['reset', 'counters'])
    expect((await net.totals()).counted).toBe(1)
    expect(await net.inspect()).toMatchObject([{ detail: 'counters were set back' }])
  })
})

describe('an agent that dies', () => {
  it('leaves the table in force, and the next one counts on: what nobody heard is declared', async () => {
    await cable()
    const statePath = statePathOfTest()
    const id = await killedAgent(statePath)
    expect(await sendUdp('10.9.0.2')).toBe('EPERM')
    expect(await sendUdp('10.9.0.8')).toBe('sent')
    const net = await open({ statePath })
    expect(net.id).toBe(id)
    expect(await net.totals()).toMatchObject({ counted: 1, reported: 0, lost: 1, refused: 1 })
    await net.setRules(rules({ approved: [...loopback, to('10.9.0.8/32')], drops: true }))
    expect(await net.inspect()).toEqual([])
    await sendUdp('10.9.0.2')
    await told(net, 1)
    expect(await net.totals()).toMatchObject({ counted: 2, reported: 1, lost: 1, refused: 2 })
  })

  it('does not hide what was done to its table meanwhile', async () => {
    await cable()
    const statePath = statePathOfTest()
    await killedAgent(statePath)
    run('nft', ['flush', 'ruleset'])
    const net = await open({ statePath })
    await net.setRules(rules({ approved: lan, drops: true }))
    expect(await net.inspect()).toMatchObject([{ what: 'rules-flushed', isRestored: true, openMs: null }])
  })

  it('and whose file is damaged declares all of it', async () => {
    await cable()
    const statePath = statePathOfTest()
    await killedAgent(statePath)
    await sendUdp('10.9.0.2')
    writeFileSync(statePath, '{')
    const net = await open({ statePath })
    expect(net.lacks.join(' ')).toContain('was damaged')
    expect(await net.totals()).toMatchObject({ counted: 1, reported: 0, lost: 1 })
  })

  it('whose table went with a restart of the computer has not been tampered with', async () => {
    const statePath = statePathOfTest()
    await killedAgent(statePath)
    run('nft', ['flush', 'ruleset'])
    const net = await open({ statePath, bootId: 'another' })
    await net.setRules(rules({ approved: lan, drops: true }))
    expect(await net.inspect()).toEqual([])
  })
})
