/** The unit's registers, filled through the console's own workflows as an office that takes its spreadsheets over would. */
import type { RunningConsole } from '../../console/main.ts'
import type { ImportedEntry } from '../../console/workflows/registers/create-registers.ts'
import { DAY_MS, dayText } from './calendar.ts'
import type { DemoMedium } from './media.ts'
import { createRandom, type Random } from './random.ts'
import type { DemoComputer, DemoPerson, DemoUnit } from './unit.ts'

export interface FillRegisters {
  readonly console: Pick<RunningConsole, 'store' | 'workflows'>
  readonly unit: DemoUnit
  readonly media: readonly DemoMedium[]
  readonly seed: string
  readonly now: () => number
}

const by = { account: 'secadmin', person: null }
const reason = '接收原有台账（演示）'
/** Fills departments, people, computers, machines, carriers and media, in this order: each names those before it. */
export async function fillRegisters(options: FillRegisters): Promise<void> {
  const { console, unit, media, seed, now } = options
  const { registers, media: mediaParts } = console.workflows
  const random = createRandom(`${seed}/registers`)
  const note = (action: string, object: string, detail: string) =>
    console.store.addAction({ at: now(), account: by.account, action, object, detail, address: '127.0.0.1' })
  for (const { code, name, parent, isKey } of unit.departments)
    await registers.departments.make({ code, name, parent, isKey, head: '', reason }, by.account)
  const write = async (
    kind: 'people' | 'computers' | 'machines' | 'carriers',
    rows: readonly ImportedEntry[],
  ) => {
    await note('ledger-import', kind, `${rows.length} rows`)
    if (rows.length > 0) await registers.book.importAll(kind, rows, reason, by)
  }
  await write(
    'people',
    unit.people.map((one) => personRow(one, now(), random)),
  )
  await write(
    'computers',
    unit.computers.map((one) => computerRow(one, now(), random)),
  )
  await write('machines', machineRows(unit, now(), random))
  await write('carriers', carrierRows(unit, now(), random))
  await note('media-import', 'media', `${media.length} rows`)
  await mediaParts.register.importAll(
    media.map(({ number, level, kind, custodian, department, computers }) => ({
      ...{ number, level, kind, custodian, department, computers },
      users: null,
      right: 'read-write' as const,
      validFromMs: now() - random.int(30, 900) * DAY_MS,
      validUntilMs: random.chance(0.3) ? now() + random.int(200, 1_500) * DAY_MS : null,
      note: '',
    })),
    reason,
    by.account,
  )
}

function personRow(person: DemoPerson, now: number, random: Random): ImportedEntry {
  const since = now - random.int(200, 4_000) * DAY_MS
  return {
    number: person.number,
    state: 'on-post',
    level: person.tier === 'core' && random.chance(0.3) ? 'secret' : null,
    department: person.department,
    custodian: person.name,
    fields: {
      name: person.name,
      tier: person.tier,
      post: person.post,
      account: person.account,
      onPostSince: dayText(since),
      trainedOn: [dayText(since + 5 * DAY_MS), dayText(now - random.int(20, 340) * DAY_MS)],
      undertakingOn: dayText(since),
    },
  }
}

function computerRow(computer: DemoComputer, now: number, random: Random): ImportedEntry {
  const filed = now - random.int(40, 1_500) * DAY_MS
  const { person, level, department } = computer
  return {
    number: computer.number,
    state: 'in-use',
    ...{ level, department },
    custodian: person.name,
    fields: {
      networkMode: computer.isStandalone ? 'standalone' : 'classified-lan',
      // What is not classified takes things over from outside.
      kind: level === 'internal' ? 'intermediate' : computer.isServer ? 'server' : 'desktop',
      custodianEntry: [person.number],
      room: computer.room,
      recipient: person.name,
      authorizedUsers: [person.account],
      unit: '演示单位',
      brand: computer.brand,
      model: computer.model,
      // One in fifty had its disk changed, and nobody wrote it down.
      diskSerials: [random.chance(0.02) ? `DEMO-OLD${random.hex(6).toUpperCase()}` : computer.diskSerial],
      macs: computer.isStandalone ? [] : [computer.mac],
      os: computer.os,
      startedOn: dayText(filed + 2 * DAY_MS),
      filedOn: dayText(filed),
      filingPaper: `演备〔${new Date(filed).getFullYear()}〕${random.int(1, 400)}号`,
      labelledOn: dayText(filed + DAY_MS),
      threeInOne: { is: 'present', date: dayText(filed) },
      outreachMonitor: { is: 'present', date: dayText(filed) },
      dedicatedPower: { is: random.chance(0.9) ? 'present' : 'absent', date: null },
    },
  }
}

function machineRows(unit: DemoUnit, now: number, random: Random): ImportedEntry[] {
  const kinds = ['printer', 'copier', 'shredder', 'scanner', 'safe', 'mfp'] as const
  return Array.from({ length: Math.ceil(unit.computers.length / 3) }, (_, at): ImportedEntry => {
    const near = random.pick(unit.computers)
    const isLinked = random.chance(0.6)
    return {
      number: `SB-${String(at + 1).padStart(4, '0')}`,
      state: 'in-use',
      level: near.level,
      department: near.department,
      custodian: near.person.name,
      fields: {
        kind: random.pick(kinds),
        custodianEntry: [near.person.number],
        ...(isLinked ? { computers: [near.number] } : {}),
        room: near.room,
        brand: '演示品牌丁',
        model: `OF-${random.int(100, 999)}`,
        serial: `DEMO-M${random.hex(8).toUpperCase()}`,
        connection: isLinked ? 'usb' : 'none',
        isDedicated: true,
        filedOn: dayText(now - random.int(30, 1_200) * DAY_MS),
      },
    }
  })
}

function carrierRows(unit: DemoUnit, now: number, random: Random): ImportedEntry[] {
  const names = ['年度计划', '试验大纲', '评审意见', '技术方案', '会议纪要', '总结报告'] as const
  const secret = unit.people.filter(({ tier }) => tier !== 'general')
  const holders = secret.length === 0 ? unit.people : secret
  return Array.from({ length: Math.ceil(unit.computers.length / 2) }, (_, at): ImportedEntry => {
    const holder = random.pick(holders)
    return {
      number: `ZT-${new Date(now).getFullYear()}-${String(at + 1).padStart(4, '0')}`,
      state: random.chance(0.85) ? 'held' : 'archived',
      level:
        holder.tier === 'general'
          ? 'internal'
          : random.pick(['confidential', 'confidential', 'secret'] as const),
      department: holder.department,
      custodian: holder.name,
      fields: {
        name: `${random.pick(names)}（演示）`,
        kind: 'paper',
        documentNumber: `演密〔${new Date(now).getFullYear()}〕${at + 1}号`,
        copies: random.int(1, 6),
        pages: random.int(2, 90),
        secrecyTerm: '10年',
        custodianEntry: [holder.number],
        place: '保密柜',
        receivedOn: dayText(now - random.int(1, 700) * DAY_MS),
      },
    }
  })
}
