/** A computer that may have no network at all, and a clock that somebody sets. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { PolicyAnswer, PolicyChange, ViolationDetail } from '../../console/api/contract.ts'
import type { LabComputer } from './lab-computer.ts'
import type { LabPage } from './lab-page.ts'
import { LINK_ADDRESS, LINK_MAC } from './qemu-arguments.ts'
import { useComputer } from './shared-computers.ts'

const ADAPTER_MAC = '02:00:00:00:00:0a'
const ADAPTER_ADDRESS = '192.0.2.7'
const CLOCK_STEP_S = 600

describe('a computer that becomes standalone', () => {
  const computer = useComputer('observed')
  let lab: LabComputer
  let tab: LabPage
  /** Violations, and what the page complained of, that were there before. */
  let first: number
  let complaints: number

  beforeAll(async () => {
    ;({ lab, tab } = computer())
    first = (await lab.violations()).length
    complaints = tab.complaints().length
  })

  const typesSince = async (count: number): Promise<string[]> =>
    (await lab.violations()).slice(count).map(({ type }) => type)
  const detailOf = async (at: number): Promise<ViolationDetail> => {
    const id = (await lab.violations()).at(at)?.id
    return await lab.admin.get<ViolationDetail>(`/api/violations/${id}`)
  }
  const changePolicy = async (settings: Partial<PolicyChange['settings']>): Promise<void> => {
    const { agent } = await lab.computer()
    const { policy } = await lab.admin.get<PolicyAnswer>(`/api/computers/${agent}/policy`)
    const change: PolicyChange = {
      baseVersion: policy.version,
      settings: { ...policy.settings, ...settings },
      reason: 'the computer leaves the network',
    }
    await lab.admin.send('PUT', `/api/computers/${agent}/policy`, change)
    await lab.waitUntil('the policy to be obeyed', async () => {
      const answer = await lab.admin.get<PolicyAnswer>(`/api/computers/${agent}/policy`)
      return answer.appliedVersion === policy.version + 1
    })
  }

  it('is found with its link up: no cable moved, the rule did', async () => {
    await changePolicy({ networkMode: 'standalone' })
    await lab.waitUntil('the live link', async () => (await typesSince(first)).length > 0)
    expect(await typesSince(first)).toEqual(['standalone-network-connection'])
    const detail = await detailOf(-1)
    expect(detail.proof?.isVerified).toBe(true)
    expect(detail.evidence).toMatchObject({
      origin: 'policy-changed',
      interface: {
        mac: LINK_MAC,
        addresses: expect.arrayContaining([
          expect.objectContaining({ address: LINK_ADDRESS.split('/')[0] }),
        ]) as unknown,
      },
    })
  })

  it('is not accused again by a policy that changes nothing of it', async () => {
    await changePolicy({ level: 'secret' })
    await changePolicy({ level: 'confidential' })
    expect(await typesSince(first)).toEqual(['standalone-network-connection'])
  })

  it('with a USB network adapter that is brought up breaks two rules, with its address as evidence', async () => {
    const before = (await lab.violations()).length
    const adapter = await lab.guest.plugNetworkAdapter({ mac: ADAPTER_MAC })
    await lab.waitUntil('the adapter to be found', async () => (await typesSince(before)).length > 0)
    // It speaks RNDIS, as a phone's shared network does.
    expect(await typesSince(before)).toEqual(['phone-tethering'])
    expect((await detailOf(-1)).evidence).toMatchObject({
      function: 'rndis',
      interface: { mac: ADAPTER_MAC, nature: 'physical' },
    })
    await lab.guest.run(
      `link=$(basename "$(dirname "$(grep -l ${ADAPTER_MAC} /sys/class/net/*/address)")")
      ip address add ${ADAPTER_ADDRESS}/24 dev "$link" && ip link set "$link" up`,
    )
    await lab.waitUntil('the link to be found', async () => (await typesSince(before)).length > 1)
    const [, ...live] = await typesSince(before)
    expect(live).toEqual(['standalone-network-connection'])
    const detail = await detailOf(-1)
    expect(detail.proof?.isVerified).toBe(true)
    expect(detail.evidence).toMatchObject({
      origin: 'appeared',
      interface: { mac: ADAPTER_MAC, addresses: [{ family: 'ipv4', address: ADAPTER_ADDRESS }] },
    })

    const { id } = detail.violation
    await tab.page.goto(lab.console.address)
    await tab.page.locator(`[data-testid="violation-headline"][data-violation-id="${id}"]`).click()
    await tab.page.getByTestId('violation-detail').waitFor()
    const evidence = await tab.page.getByTestId('evidence').first().textContent()
    expect(evidence).toContain(ADAPTER_MAC)
    expect(evidence).toContain(ADAPTER_ADDRESS)
    expect(tab.complaints().slice(complaints)).toEqual([])
    await lab.guest.unplug(adapter)
  })

  it('is found when its clock is set back, and not accused when it is set forward again', async () => {
    const before = (await lab.violations()).length
    const setClock = (seconds: number) => lab.guest.run(`date -s "@$(($(date +%s) + ${seconds}))"`)
    const steps = async () =>
      (await lab.records()).flatMap(({ record: { fact } }) =>
        fact.kind === 'clock.stepped' ? [fact.byMs] : [],
      )
    await setClock(-CLOCK_STEP_S)
    await lab.waitUntil('the step back', async () => (await typesSince(before)).length > 0)
    const told = (await lab.records()).slice(-12).map(({ raw }) => raw)
    expect(await typesSince(before), told.join('\n')).toEqual(['log-gap-or-clock-tamper'])
    const { evidence } = await detailOf(-1)
    expect(evidence).toMatchObject({ cause: 'clock-set-back' })
    const byMs = (await steps()).at(-1) ?? Number.NaN
    // `date` knows whole seconds.
    expect(Math.abs(byMs + CLOCK_STEP_S * 1_000)).toBeLessThan(2_000)

    const stepsBefore = (await steps()).length
    await setClock(CLOCK_STEP_S)
    await lab.waitUntil('the step forward', async () => (await steps()).length > stepsBefore)
    expect((await steps()).at(-1)).toBeGreaterThan((CLOCK_STEP_S - 2) * 1_000)
    expect(await typesSince(before)).toEqual(['log-gap-or-clock-tamper'])
    expect(await lab.gaps()).toEqual([])
  })
})
