/**
 * Enrols the simulated computers: keys and certificate requests of their own, certificates of the console's authority, policies
 * signed by its daily key. A demonstration answers no enrolment over the network; this is the one way in.
 */
import {
  DEFAULT_POLICY_SETTINGS,
  type PolicySettings,
  PRODUCT_VERSION,
  parseEnrolmentToken,
} from '@shoukou/protocol'
import { makeKeyAndRequest } from '../../agent/link/certificate-request.ts'
import type { RunningConsole } from '../../console/main.ts'
import { createToken, enrol } from '../../console/workflows/enrolment.ts'
import type { AgentIdentity, SealKey } from './agent.ts'
import { diskOf, REQUIRED_SENSORS } from './facts.ts'
import { inParallel } from './in-parallel.ts'
import type { DemoComputer, DemoUnit } from './unit.ts'

export interface EnrolledAgent {
  readonly identity: AgentIdentity
  readonly computer: DemoComputer
  /** What it seals its journal with first. */
  readonly seal: SealKey | null
}

const atOnce = 8

/** Returns a policy's settings for a computer: watched at first, later refusing what is not registered. */
export function settingsFor({ level }: DemoComputer, media: 'observe' | 'enforce'): PolicySettings {
  return {
    ...DEFAULT_POLICY_SETTINGS,
    level,
    modes: { media, network: 'observe', files: 'observe' },
    network: {
      prefixes: ['10.20.0.0/16'],
      destinations: [],
      listeners: [],
      gateways: [{ address: '10.20.0.1', mac: null, note: '' }],
      dnsServers: ['10.20.0.53'],
      dhcpServers: [],
      probe: null,
    },
    contact: '保密办公室（演示）',
    requiredSensors: [...REQUIRED_SENSORS],
  }
}

export async function enrolAll({
  console,
  unit,
  now,
  signal,
  progress,
}: {
  readonly console: Pick<RunningConsole, 'store' | 'keys' | 'signer' | 'agentPort' | 'workflows'>
  readonly unit: DemoUnit
  readonly seed: string
  readonly now: () => number
  readonly signal: AbortSignal
  readonly progress: (share: number) => void
}): Promise<EnrolledAgent[]> {
  const { store, keys, signer, agentPort, workflows } = console
  const watched = unit.computers.filter(({ isStandalone }) => !isStandalone)
  const enrolled: EnrolledAgent[] = []
  const by = { account: 'secadmin', reason: '划分部门（演示）' }
  // All tokens first: that a number is free is looked up among the computers, of which there are none yet.
  const tokens = new Map<DemoComputer, string>()
  await inParallel(watched, atOnce, async (computer) => {
    const asked = { number: computer.number, settings: settingsFor(computer, 'observe') }
    const { token } = await createToken(store, keys, asked, { account: by.account, now: now() })
    tokens.set(computer, token)
  })
  await inParallel(watched, atOnce, async (computer) => {
    signal.throwIfAborted()
    const { number, hostname, department } = computer
    const { key, request } = await makeKeyAndRequest()
    const answer = await enrol(
      store,
      keys,
      {
        v: 1,
        secret: parseEnrolmentToken(tokens.get(computer) ?? '').secret,
        certificateRequest: request,
        agentVersion: PRODUCT_VERSION,
        hostname,
        baseline: baselineOf(computer, now()),
      },
      // TLS knows the real time alone: as if each had renewed its certificate lately.
      { agentPort, now: now(), signer, certificateFrom: Date.now() },
    )
    const { agent, certificate, sealKey } = answer
    await store.setDepartment(agent, department, { ...by, at: now() })
    await workflows.registers.filing.judge(agent)
    const seal = sealKey === undefined ? null : { index: 0, key: Buffer.from(sealKey, 'base64url') }
    enrolled.push({ identity: { agent, number, key, certificate }, computer, seal })
    if (enrolled.length % 20 === 0) progress(enrolled.length / watched.length)
  })
  await workflows.media.policies.settle()
  progress(1)
  return enrolled.toSorted((a, b) => a.computer.at - b.computer.at)
}

function baselineOf(computer: DemoComputer, now: number) {
  const { name, serial, wwn, sizeBytes } = diskOf(computer)
  return {
    takenAtMs: now,
    usb: [{ path: '1-1', vendorId: 'f00a', productId: '0001', serial: null }],
    disks: [{ name, serial, wwn, sizeBytes }],
    interfaces: [{ name: 'eth0', mac: computer.mac, busPath: '0000:00:1f.6' }],
  }
}
