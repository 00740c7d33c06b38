/** From the kernel to the administrator's screen, and across a console that is away: a real stick. */
import type { Fact } from '@shoukou/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ViolationDetail } from '../../console/api/contract.ts'
import { hostNow } from '../support/qmp-socket.ts'
import { AGENT_STATE, type LabComputer } from './lab-computer.ts'
import type { LabPage } from './lab-page.ts'
import { useComputer } from './shared-computers.ts'

const PLUGS = 5

describe('a classified computer on its network', () => {
  const computer = useComputer('observed')
  let lab: LabComputer
  let tab: LabPage

  beforeAll(() => {
    ;({ lab, tab } = computer())
  })

  it('stands without a violation: its link is approved, its own disks are its baseline', async () => {
    expect(await lab.violations()).toEqual([])
    expect((await lab.computer()).status).toBe('online')
  })

  it('shows an unregistered stick to the administrator, each time, with its evidence', async () => {
    const times: number[] = []
    const headlines = tab.page.getByTestId('violation-headline')
    for (let plug = 1; plug <= PLUGS; plug += 1) {
      const stick = await lab.guest.plugStick({ serial: `LAB-${plug}` })
      await headlines.nth(plug - 1).waitFor({ timeout: 30_000 })
      times.push(Math.round(hostNow() - stick.pluggedAt))
      expect(await headlines.first().textContent()).toMatch(/未登记.*秘密.*JM-0001/)

      const violations = await lab.violations()
      expect(violations.map(({ type }) => type)).toEqual(
        Array.from({ length: plug }, () => 'unregistered-media-inserted'),
      )
      const detail = await lab.admin.get<ViolationDetail>(`/api/violations/${violations.at(-1)?.id}`)
      expect(detail.proof?.isVerified).toBe(true)
      expect(JSON.stringify(detail.evidence)).toContain(`LAB-${plug}`)

      await lab.guest.unplug(stick)
      await lab.waitUntil(
        'the stick to be gone',
        async () => (await lab.records()).filter(({ kind }) => kind === 'usb.detached').length === plug,
      )
    }
    expect(tab.complaints()).toEqual([])
    console.log(
      `lab: from plug to screen: ${times.join(', ')} ms (emulated processor; the first one warms up)`,
    )
  })

  it('brings what happened while the console was away, once and in order, though the agent was killed', async () => {
    const before = await lab.records()
    const violationsBefore = (await lab.violations()).length
    await lab.console.stop()

    const journaled = async (kind: Fact['kind'], text: string) => {
      const look = `until grep -a -r -h ${text} ${AGENT_STATE}/journal | grep -a -q '"kind":"${kind}"'; do sleep 0.1; done`
      await lab.guest.run(look, { timeoutMs: 30_000 })
    }
    const stick = await lab.guest.plugStick({ serial: 'AWAY-1' })
    await journaled('usb.attached', 'AWAY-1')
    await lab.guest.unplug(stick)
    await journaled('usb.detached', 'AWAY-1')
    const adapter = await lab.guest.plugNetworkAdapter({ mac: '02:00:00:00:00:07' })
    await journaled('network.interface-added', '02:00:00:00:00:07')
    await lab.guest.unplug(adapter)
    await journaled('network.interface-removed', '02:00:00:00:00:07')
    await lab.guest.plugStick({ serial: 'AWAY-2' })
    await journaled('usb.attached', 'AWAY-2')

    await lab.killAgent()
    await lab.console.restart()
    await lab.startAgent()
    await lab.waitUntil('the agent to be heard', async () => (await lab.computer()).status === 'online')

    const after = await lab.records()
    expect(after.slice(0, before.length).map(({ head }) => head)).toEqual(before.map(({ head }) => head))
    const fresh = after.slice(before.length)
    expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => index + 1))
    expect(new Set(after.map(({ epoch }) => epoch)).size).toBe(1)
    const asked = ['AWAY-1', '02:00:00:00:00:07', 'AWAY-2']
    const kinds = ['usb.attached', 'usb.detached', 'network.interface-added', 'network.interface-removed']
    const happened = fresh.flatMap(({ record: { fact }, raw }) => {
      if ('origin' in fact && fact.origin !== 'appeared') return []
      const name = asked.find((text) => raw.includes(text))
      return name !== undefined && kinds.includes(fact.kind) ? [`${fact.kind} ${name}`] : []
    })
    expect(happened).toEqual([
      'usb.attached AWAY-1',
      'usb.detached AWAY-1',
      'network.interface-added 02:00:00:00:00:07',
      'network.interface-removed 02:00:00:00:00:07',
      'usb.attached AWAY-2',
    ])
    expect(
      fresh.flatMap(({ record: { fact } }) => (fact.kind === 'agent.started' ? [fact.previous] : [])),
    ).toEqual(['unclean-stop'])
    expect(await lab.gaps()).toEqual([])
    expect(
      (await lab.violations()).slice(violationsBefore).map(({ type }) => type),
      JSON.stringify(fresh.map(({ raw }) => raw)),
    ).toEqual([
      'unregistered-media-inserted',
      // It speaks RNDIS, as a phone's shared network does.
      'phone-tethering',
      'unregistered-media-inserted',
    ])
  })
})
