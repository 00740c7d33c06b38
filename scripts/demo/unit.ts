/**
 * A unit that does not exist: departments, people, computers. Pure, and the same for the same seed.
 *
 * Nobody in it could be taken for a real person: names are a surname and a number.
 */
import type { Level } from '@shoukou/protocol'
import { createRandom, type Random } from './random.ts'

export interface UnitSize {
  readonly seed: string
  readonly computers: number
  readonly media: number
}

export interface DemoDepartment {
  readonly code: string
  readonly name: string
  readonly parent: string | null
  readonly isKey: boolean
  /** Share of the unit's computers; 0: it has only departments below. */
  readonly weight: number
}

export interface DemoPerson {
  readonly number: string
  readonly name: string
  readonly department: string
  readonly post: string
  readonly tier: 'general' | 'important' | 'core'
  readonly account: string
}

export interface DemoComputer {
  /** Place in the unit, from 0. */
  readonly at: number
  readonly number: string
  readonly hostname: string
  readonly level: Level
  readonly department: string
  readonly room: string
  readonly person: DemoPerson
  readonly brand: string
  readonly model: string
  readonly os: string
  readonly diskSerial: string
  readonly mac: string
  readonly address: string
  /** Without any network and without an agent yet: known to the register alone. */
  readonly isStandalone: boolean
  /** Runs through the night. */
  readonly isServer: boolean
}

export interface DemoUnit {
  readonly departments: readonly DemoDepartment[]
  readonly people: readonly DemoPerson[]
  readonly computers: readonly DemoComputer[]
}

export const UNIT_NAME = '演示单位（虚构）'

const top = 'DW'
const departments: readonly DemoDepartment[] = [
  { code: top, name: '演示单位', parent: null, isKey: false, weight: 0 },
  ...below(top, [
    ['ZH', '综合办公室', 5],
    ['BM', '保密办公室', 3, true],
    ['RS', '人事处', 3],
    ['CW', '财务处', 4],
    ['KY', '科研管理处', 5, true],
    ['DA', '档案室', 3, true],
    ['XX', '信息中心', 6, true],
    ['YI', '第一研究室', 0, true],
    ['ER', '第二研究室', 0, true],
    ['SA', '第三研究室', 0, true],
    ['SY', '试验中心', 0],
    ['HQ', '后勤保障处', 3],
  ]),
  ...below('YI', [
    ['YI1', '一室总体组', 7, true],
    ['YI2', '一室结构组', 8],
    ['YI3', '一室软件组', 9],
  ]),
  ...below('ER', [
    ['ER1', '二室算法组', 8, true],
    ['ER2', '二室测试组', 7],
  ]),
  ...below('SA', [
    ['SA1', '三室电气组', 7],
    ['SA2', '三室工艺组', 6],
  ]),
  ...below('SY', [
    ['SY1', '试验一组', 6],
    ['SY2', '试验二组', 6],
    ['SY3', '数据处理组', 5, true],
  ]),
]

function below(
  parent: string,
  rows: readonly (readonly [code: string, name: string, weight: number, isKey?: boolean])[],
): DemoDepartment[] {
  return rows.map(([code, name, weight, isKey = false]) => ({ code, name, parent, isKey, weight }))
}

const surnames = ['张', '李', '王', '赵', '钱', '孙', '周', '吴', '郑', '陈'] as const
const digits = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const
const posts = ['设计师', '工程师', '助理工程师', '试验员', '资料员', '管理员', '项目主管', '科员'] as const
const models = [
  ['演示品牌甲', 'DT-300', 'Debian 12'],
  ['演示品牌甲', 'DT-500', 'Debian 12'],
  ['演示品牌乙', 'WS-20', 'Kylin V10 SP1'],
  ['演示品牌丙', 'PC-7', 'UOS 20'],
] as const

/** Returns the unit. Levels are at most secret: what the console of a demonstration is. */
export function makeUnit({ seed, computers: count }: UnitSize): DemoUnit {
  const random = createRandom(`${seed}/unit`)
  const working = departments.filter(({ weight }) => weight > 0)
  const weights = working.reduce((sum, { weight }) => sum + weight, 0)
  const people: DemoPerson[] = []
  const computers: DemoComputer[] = []
  let due = 0
  for (const department of working) {
    due += (count * department.weight) / weights
    const until = department === working.at(-1) ? count : Math.round(due)
    for (let at = computers.length; at < until; at += 1) {
      // One in eight has somebody who uses a computer of the department and keeps none.
      if (random.chance(0.12)) people.push(person(people.length, department, random))
      const custodian = person(people.length, department, random)
      people.push(custodian)
      computers.push(computer(at, { custodian, department, count, random }))
    }
  }
  return { departments, people, computers }
}

/** Some go away at the end of the year without a word, so that silence is seen as well. */
export function isAway({ at }: Pick<DemoComputer, 'at'>): boolean {
  return at % 97 === 50
}

/** Returns `张一`, `李二十三` …: another one for each number. */
export function nameOf(at: number): string {
  const surname = surnames[at % surnames.length] ?? '张'
  return `${surname}${numeral(Math.floor(at / surnames.length) + 1)}`
}

function numeral(number: number): string {
  if (number >= 100)
    return `${digits[Math.floor(number / 100)] ?? ''}百${number % 100 < 10 ? '零' : ''}${numeral(number % 100)}`
  const [tens, ones] = [Math.floor(number / 10), number % 10]
  const one = ones === 0 ? '' : (digits[ones] ?? '')
  if (tens === 0) return one
  return `${tens === 1 ? '' : (digits[tens] ?? '')}十${one}`
}

function person(at: number, { name, isKey }: DemoDepartment, random: Random): DemoPerson {
  return {
    number: `RY-${String(at + 1).padStart(4, '0')}`,
    name: nameOf(at),
    department: name,
    post: random.pick(posts),
    tier: isKey ? (random.chance(0.1) ? 'core' : 'important') : random.chance(0.5) ? 'important' : 'general',
    account: `u${String(at + 1).padStart(4, '0')}`,
  }
}

function computer(
  at: number,
  {
    custodian,
    department,
    count,
    random,
  }: {
    readonly custodian: DemoPerson
    readonly department: DemoDepartment
    readonly count: number
    readonly random: Random
  },
): DemoComputer {
  const number = `JM-${String(at + 1).padStart(4, '0')}`
  const [brand, model, os] = random.pick(models)
  const isSecret = custodian.tier !== 'general' && random.chance(department.isKey ? 0.7 : 0.25)
  return {
    at,
    number,
    hostname: number.toLowerCase(),
    level: isSecret ? 'secret' : random.chance(0.96) ? 'confidential' : 'internal',
    department: department.name,
    room: `${random.pick(['甲', '乙', '丙'])}楼${random.int(1, 6)}${String(random.int(1, 24)).padStart(2, '0')}`,
    person: custodian,
    ...{ brand, model, os },
    diskSerial: `DEMO-D${random.hex(8).toUpperCase()}`,
    // Locally administered: no maker ever burnt it in.
    mac: `02:5d:${[at >> 8, at & 255, random.int(0, 255), random.int(0, 255)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`,
    address: `10.20.${Math.floor(at / 200)}.${20 + (at % 200)}`,
    // The last ones of every forty, in a unit that is large enough to have some.
    isStandalone: count >= 40 && at % 40 === 39,
    isServer: department.code === 'XX' && random.chance(0.4),
  }
}
