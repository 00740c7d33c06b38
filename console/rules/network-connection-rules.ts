/**
 * Connections of programs that are not approved: `internet-connection` where something on the Internet answered,
 * `external-connection-attempt` for what was tried, `connection-sharing` for what was passed on. Pure.
 *
 * A series is one program's doings: each of these is told once of it, whichever record shows it first.
 */
import {
  CONFIDENCES,
  type EvidenceOf,
  type Flow,
  type NetworkInterface,
  type Picture,
  type Program,
} from '@shoukou/protocol'
import type { JudgeContext, Judgement, RecordOf } from './judgement.ts'
import {
  foremost,
  isConfirmedPublic,
  isOutward,
  isPassedOn,
  protocolInWords,
  sumsOf,
} from './network-flows.ts'
import { dnsServersOf, type Found, foundIn, gatewaysOf, interfaceOf } from './network-proof.ts'

type ConnectionsRecord = RecordOf<'network.connections'>

export function judgeConnections(
  record: ConnectionsRecord,
  { picture: earlier = null }: Pick<JudgeContext, 'picture'>,
): Judgement[] {
  const { fact, decision } = record
  if (decision?.would === 'allow') return []
  const picture = fact.picture ?? earlier
  const reached = fact.flows.filter(isConfirmedPublic)
  const tried = fact.flows.filter(isOutward)
  const passed = fact.flows.filter(isPassedOn)
  const found = (flows: readonly Flow[]): Found => foundFor(record, flows, picture)
  return [
    ...(reached.length > 0 ? [reachedInternet(record, reached, { found: found(reached), picture })] : []),
    ...(reached.length === 0 && tried.length > 0 ? [attempted(record, tried, found(fact.flows))] : []),
    ...(passed.length > 0 ? [passedOn(passed, { found: found(passed), picture })] : []),
  ]
}

/** Reports whether the newest picture would be proof that the record lacks. */
export function wantsPicture({ fact }: ConnectionsRecord): boolean {
  return fact.picture === null && fact.flows.some((flow) => isConfirmedPublic(flow) || isPassedOn(flow))
}

interface Proven {
  readonly found: Found
  readonly picture: Picture | null
}

function reachedInternet(
  { fact }: ConnectionsRecord,
  flows: readonly Flow[],
  { found, picture }: Proven,
): Judgement {
  const flow = foremost(flows)
  const adapter = adapterOf(flows, picture)
  const index = adapter?.index ?? null
  return {
    type: 'internet-connection',
    evidence: {
      interface: adapter,
      gateways: gatewaysOf(picture, index),
      dnsServers: dnsServersOf(picture, adapter),
      peer: flow?.peer ?? null,
      startedAtMs: sumsOf(flows).firstAtMs,
      endedAtMs: null,
      confidence: 'confirmed-reachability',
      found,
    },
    incident: { kind: 'once', subject: `series:${fact.series}` },
  }
}

function attempted({ fact }: ConnectionsRecord, flows: readonly Flow[], found: Found): Judgement {
  const flow = foremost(flows)
  const { attempts, firstAtMs, lastAtMs } = sumsOf(flows)
  return {
    type: 'external-connection-attempt',
    evidence: {
      destination: flow?.peer ?? null,
      destinationName: null,
      protocol: flow === null ? null : protocolInWords(flow),
      process: processOf(fact.program, flow),
      account: fact.program?.sessionAccount ?? fact.program?.account ?? null,
      attempts,
      firstAtMs,
      lastAtMs,
      found,
    },
    incident: { kind: 'once', subject: `series:${fact.series}`, unless: 'internet-connection' },
  }
}

/** Packets of others, passed on: the same story as forwarding that is switched on. */
function passedOn(flows: readonly Flow[], { found, picture }: Proven): Judgement {
  return {
    type: 'connection-sharing',
    evidence: {
      service: 'forwarding',
      interface: adapterOf(flows, picture),
      process: null,
      port: null,
      clients: [...new Set(flows.flatMap(({ local }) => (local === null ? [] : [local.address])))].slice(
        0,
        1_000,
      ),
      found,
    },
    incident: { kind: 'lasting', subject: 'sharing' },
  }
}

function foundFor(record: ConnectionsRecord, flows: readonly Flow[], picture: Picture | null): Found {
  const { fact, decision } = record
  const { attempts, refused } = sumsOf(flows)
  const proven = new Set(flows.map((flow) => flow.confidence))
  const confidence = CONFIDENCES.findLast((one) => proven.has(one)) ?? 'attempt'
  const found = foundIn(record, {
    confidence,
    rule: decision?.rule ?? flows[0]?.rule ?? null,
    program: fact.program,
    flows,
    picture,
  })
  // The kernel counted what it refused: that is what was done, whatever was decided.
  return { ...found, outcome: attempts > 0 && refused >= attempts ? 'blocked' : 'detected' }
}

function adapterOf(flows: readonly Flow[], picture: Picture | null): NetworkInterface | null {
  for (const flow of flows) {
    const adapter = interfaceOf(picture, flow)
    if (adapter !== null) return adapter
  }
  return null
}

function processOf(
  program: Program | null,
  flow: Flow | null,
): EvidenceOf<'external-connection-attempt'>['process'] {
  const pid = flow?.pid ?? null
  if (program === null) return pid === null ? null : { pid, name: null, path: null }
  return { pid, name: program.name, path: program.path }
}
