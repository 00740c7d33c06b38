/**
 * A computer of the classified network whose every packet is counted outside: for scenarios that assert what was seen,
 * what was proven, and (in enforce mode) that nothing left.
 *
 * The link leads to the console and nowhere else; packets to other addresses leave the guest by its default route, are
 * written down by QEMU, and go nowhere.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FactKind, FactNamed, Flow, NetworkRules, PolicySettings, ViolationId } from '@shoukou/protocol'
import { expect } from 'vitest'
import type { PolicyAnswer, PolicyChange, ViolationDetail } from '../../console/api/contract.ts'
import { compileProgram } from './compile-program.ts'
import { type LabComputer, type StoredRecord, startLabComputer } from './lab-computer.ts'
import { type PacketTap, tapPackets } from './packet-tap.ts'
import { LINK_BUS_PATH, LINK_MAC, LINK_NAME } from './qemu-arguments.ts'
import { createUsbGadgets, GADGET_SIDE_MAC, START_CONTROLLERS, type UsbGadgets } from './usb-gadget.ts'

export interface NetworkLab extends AsyncDisposable {
  readonly lab: LabComputer
  readonly gadgets: UsbGadgets
  /** What left over the link to the console. */
  readonly link: PacketTap
  /** What left over the second card, which is plugged by `plugCard`. */
  readonly second: PacketTap
  /** Starts the agent and waits until its sensors watch. */
  start(): Promise<void>
  /** Plugs a second network card in; returns how it is pulled. Its network has a DHCP server and a router of its own. */
  plugCard(): Promise<() => Promise<void>>
  /** Runs `netact` in the guest as a program of this name, through `within`; returns what it printed. */
  act(args: string, program: string, within?: string): Promise<string>
  /** Starts a program of this name that waits for connections at a port. */
  serve(port: number, program: string): Promise<void>
  /** Changes the policy, and waits until it is obeyed. */
  changePolicy(settings: Partial<PolicySettings>): Promise<void>
  /** Does something and waits for the verdicts, all of them; returns their details in the order of their ids. */
  found(scenario: FoundScenario): Promise<Found>
  /** Records of a kind that came since a mark of `mark()`. */
  since<K extends FactKind>(mark: number, kind: K): Promise<FactNamed<K>[]>
  mark(): Promise<number>
}

export interface FoundScenario {
  readonly act: () => Promise<unknown>
  readonly violations: readonly ViolationId[]
  /** Verdicts that may come beside the others: the order of two kernel events is not ours. */
  readonly may?: readonly ViolationId[]
  /** How long nothing else may come, ms. */
  readonly quietMs?: number
}

export interface Found {
  readonly violations: readonly ViolationDetail[]
  readonly records: readonly StoredRecord[]
  /** Flows of all new records. */
  readonly flows: readonly Flow[]
  /** The first violation of this type. */
  one(type: ViolationId): ViolationDetail
}

/** Of the guest's network: QEMU answers for these two. */
export const GATEWAY = '10.0.2.2'
export const GATEWAY_MAC = '52:55:0a:00:02:02'
export const GATEWAY6 = 'fe80::2'
export const SECOND_MAC = '52:54:00:4c:41:43'

/** What the unit approves: its own prefix, one gateway, nothing to connect to but the console. */
export const RULES: NetworkRules = {
  prefixes: ['10.0.2.0/24', '2001:db8:1::/64', 'fe80::/10'],
  destinations: [
    { prefix: '10.0.2.50/32', protocol: 'tcp', ports: { first: 8_000, last: 8_010 }, note: 'lab' },
  ],
  listeners: [],
  gateways: [
    { address: GATEWAY, mac: GATEWAY_MAC, note: 'lab' },
    { address: GATEWAY6, mac: null, note: 'lab' },
  ],
  dnsServers: [],
  dhcpServers: [],
  probe: null,
}

/** Both families have a way out of the computer, and a neighbour that takes what is sent. */
const ROUTES = `: >/etc/resolv.conf
  ip route add default via ${GATEWAY} dev ${LINK_NAME}
  ip -6 address add 2001:db8:1::15/64 dev ${LINK_NAME} nodad
  ip -6 neigh replace ${GATEWAY6} lladdr ${GATEWAY_MAC} dev ${LINK_NAME} router
  ip -6 route add default via ${GATEWAY6} dev ${LINK_NAME}
  ip neigh replace 10.0.2.50 lladdr ${GATEWAY_MAC} dev ${LINK_NAME}`

const VERDICT_TIMEOUT_MS = 30_000
const QUIET_MS = 1_500

/** Starts everything but the agent. */
export async function startNetworkLab(options: {
  readonly mode: PolicySettings['modes']['network']
  readonly settings?: Partial<PolicySettings>
  /** Run before the agent enrols. */
  readonly prepare?: string
}): Promise<NetworkLab> {
  await using undo = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-lab-taps-'))
  undo.defer(() => rm(folder, { recursive: true, force: true }))
  const link = tapPackets('link', join(folder, 'link.pcap'))
  const second = tapPackets('second', join(folder, 'second.pcap'))
  const lab = undo.use(
    await startLabComputer({
      qemu: [
        ...link.qemu,
        ...['-device', 'pcie-root-port,id=slot2,chassis=2,slot=2'],
        ...['-netdev', 'user,id=second,restrict=on,net=10.9.0.0/24,ipv6-net=fd00:9::/64'],
        ...second.qemu,
      ],
      beforeEnrolment: `${ROUTES}; ${START_CONTROLLERS}; modprobe -a rndis_host cdc_ether; ${options.prepare ?? ':'}`,
      settings: {
        modes: { media: 'observe', network: options.mode, files: 'observe' },
        approvedInterfaces: [
          { mac: LINK_MAC, busPath: LINK_BUS_PATH, note: 'the link to the console' },
          { mac: GADGET_SIDE_MAC, busPath: null, note: "a gadget's own side" },
        ],
        network: RULES,
        ...options.settings,
      },
    }),
  )
  await copyFile(await compileProgram(join(import.meta.dirname, 'netact')), join(lab.guest.share, 'netact'))
  await lab.guest.run('cp /host/netact /netact && chmod 755 /netact')

  const mark = async () => (await lab.records()).length
  const detailsSince = async (count: number) =>
    await Promise.all(
      (await lab.violations())
        .slice(count)
        .map(({ id }) => lab.admin.get<ViolationDetail>(`/api/violations/${id}`)),
    )

  const whole = undo.move()
  return {
    lab,
    link,
    second,
    gadgets: createUsbGadgets(lab.guest),
    mark,
    async start() {
      await lab.startAgent()
      await lab.waitUntil('all sensors to watch', async () => (await lab.computer()).watch.state === 'proven')
    },
    async plugCard() {
      await lab.guest.qmp.execute('device_add', {
        driver: 'virtio-net-pci',
        id: 'card2',
        bus: 'slot2',
        netdev: 'second',
        mac: SECOND_MAC,
      })
      return async () => {
        const gone = lab.guest.qmp.nextEvent(
          'DEVICE_DELETED of card2',
          ({ name, data }) => name === 'DEVICE_DELETED' && data['device'] === 'card2',
          30_000,
        )
        await Promise.all([gone, lab.guest.qmp.execute('device_del', { id: 'card2' })])
      }
    },
    act: async (args, program, within = '') =>
      (
        await lab.guest.run(`[ -e /run/${program} ] || cp /netact /run/${program}
          ${within} /run/${program} ${args}`)
      ).stdout.trim(),
    async serve(port, program) {
      await lab.guest.run(
        `cp /netact /run/${program}; setsid /run/${program} serve ${port} </dev/null >/dev/null 2>&1 &`,
      )
    },
    async changePolicy(settings) {
      const { agent } = await lab.computer()
      const { policy } = await lab.admin.get<PolicyAnswer>(`/api/computers/${agent}/policy`)
      const change: PolicyChange = {
        baseVersion: policy.version,
        settings: { ...policy.settings, ...settings },
        reason: 'the lab',
      }
      await lab.admin.send('PUT', `/api/computers/${agent}/policy`, change)
      await lab.waitUntil('the policy to be obeyed', async () => {
        const answer = await lab.admin.get<PolicyAnswer>(`/api/computers/${agent}/policy`)
        return answer.appliedVersion === policy.version + 1
      })
    },
    async found({ act, violations: expected, may = [], quietMs = QUIET_MS }) {
      const recordsBefore = await mark()
      const violationsBefore = (await lab.violations()).length
      await act()
      const types = async () => (await lab.violations()).slice(violationsBefore).map(({ type }) => type)
      const isIn = (told: readonly string[]) => {
        const count = (all: readonly string[], type: string) => all.filter((one) => one === type).length
        return expected.every((one) => count(told, one) >= count(expected, one))
      }
      await lab
        .waitUntil(`the verdicts ${expected.join(', ')}`, async () => isIn(await types()), VERDICT_TIMEOUT_MS)
        .catch(async (cause: unknown) => {
          const records = (await lab.records()).slice(recordsBefore).map(({ raw }) => raw.slice(0, 2_000))
          throw new Error(JSON.stringify({ told: await types(), records }, null, 1), { cause })
        })
      await new Promise((resolve) => setTimeout(resolve, quietMs))
      const details = await detailsSince(violationsBefore)
      const records = (await lab.records()).slice(recordsBefore)
      const told = details.map(({ violation: { type } }) => type as ViolationId)
      const unexpected = told.filter((type) => !may.includes(type) && !expected.includes(type))
      const count = (type: ViolationId) => told.filter((one) => one === type).length
      const tooMany = expected.filter(
        (type) => !may.includes(type) && count(type) > expected.filter((one) => one === type).length,
      )
      const why = JSON.stringify(
        records.map(({ raw }) => raw.slice(0, 2_000)),
        null,
        1,
      )
      expect({ unexpected, tooMany }, why).toEqual({ unexpected: [], tooMany: [] })
      for (const { proof } of details) if (proof !== null) expect(proof.isVerified).toBe(true)
      return {
        violations: details,
        records,
        flows: records.flatMap(({ record: { fact } }) =>
          fact.kind === 'network.connections' ? fact.flows : [],
        ),
        one(type) {
          const found = details.filter(({ violation }) => violation.type === type)
          const [first] = found
          if (first === undefined) throw new Error(`no violation ${type}`)
          return first
        },
      }
    },
    async since<K extends FactKind>(before: number, kind: K) {
      const records = (await lab.records()).slice(before)
      return records.flatMap(({ record: { fact } }) => (fact.kind === kind ? [fact as FactNamed<K>] : []))
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  }
}
