/**
 * How the office handles one violation: a story of acts over hours and weeks. Pure, the same for the same seed and number.
 *
 * What may be a leak is looked at on the day itself and told or cleared before its 24 hours are over; the rest within days. Now
 * and then something is left lying.
 */
import type { ViolationId } from '@shoukou/protocol'
import type { StepAsked } from '../../console/workflows/handling/handle-violation.ts'
import { DAY_MS, HOUR_MS, intoOfficeHours, MINUTE_MS } from './calendar.ts'
import { createRandom, type Random } from './random.ts'

type Severity = 'critical' | 'high' | 'medium' | 'low'
type Step = { readonly act: 'step' } & Pick<StepAsked, 'kind' | 'reason'> &
  Partial<Pick<StepAsked, 'disposition'>>
export type Act =
  | Step
  | { readonly act: 'assign' }
  | { readonly act: 'ask' }
  | { readonly act: 'statement'; readonly text: string }
  | { readonly act: 'tell'; readonly what: 'report' | 'result' }
  | { readonly act: 'rectify-by'; readonly days: number }
  | { readonly act: 'exception'; readonly days: number; readonly reason: string }

export type PlannedAct = Act & { readonly atMs: number }

export interface StoryOf {
  readonly id: number
  readonly type: ViolationId
  readonly severity: Severity
  readonly receivedAt: number
}

interface Words {
  readonly confirmed: readonly string[]
  readonly innocent: readonly string[]
  readonly remedied: readonly string[]
  readonly rectified: readonly string[]
  readonly statements: readonly string[]
}

const media: Words = {
  confirmed: ['已调取接入记录，情况属实。', '现场核对介质，情况属实。', '本人承认，情况属实。'],
  innocent: ['该介质已办理登记，台账录入迟于使用。', '经核实为批准的数据导入，手续齐全。'],
  remedied: ['介质已收缴封存，计算机已送检。', '介质已收回保密办公室，未发现涉密文件。'],
  rectified: ['已重新培训并签订承诺书，复查合格。', '部门已清点全部介质，复查合格。'],
  statements: [
    '当日急需打印材料，误将个人U盘插入涉密计算机，未拷贝文件，发现提示后立即拔出。',
    '误拿同事的U盘，以为是本人登记的介质，未打开任何文件。',
  ],
}
const network: Words = {
  confirmed: ['已核对网络记录，情况属实。', '现场检查网口与网卡，情况属实。'],
  innocent: ['经核实为信息中心批准的检修。', '经核实为交换机更换期间的短时现象。'],
  remedied: ['已断开连接，计算机已送检。', '网卡已停用，端口已封堵。'],
  rectified: ['已拆除网卡并加贴封条，复查合格。', '已核对全部网络参数，复查合格。'],
  statements: [
    '会议室网口接错，发现无法访问内部系统后拔下网线，未传输文件。',
    '维修人员测试时误接，未打开任何文件。',
  ],
}
const devices: Words = {
  confirmed: ['现场核实，情况属实。', '本人承认，情况属实。'],
  innocent: ['设备已登记，台账录入迟于使用。', '经核实为批准的维护作业。'],
  remedied: ['设备已拆除并交保密办公室。', '已停用该端口，设备送检。'],
  rectified: ['已加装端口锁，复查合格。', '部门已自查同类设备，复查合格。'],
  statements: [
    '手机电量不足，用计算机USB口充电，未传输文件，不了解规定，今后不再发生。',
    '新配发的外设未办登记即使用。',
  ],
}
const supervision: Words = {
  confirmed: ['已核对日志，情况属实。', '信息中心现场核实，属实。'],
  innocent: ['经核实为信息中心批准的系统维护。', '经核实为主板电池更换后校时。'],
  remedied: ['程序已恢复，计算机已送检。', '已校准时钟并检查日志。'],
  rectified: ['已收回管理员权限，复查合格。', '已加贴机箱封条，复查合格。'],
  statements: ['安装软件时结束了卡顿的进程，不知道是监控程序。', '更换主板电池后时间不对，自行调整。'],
}

/** What the office lets be until a day: nothing that may be a leak. */
const excusable: ReadonlySet<string> = new Set<ViolationId>([
  'external-connection-attempt',
  'unregistered-peripheral',
  'av-device-enabled',
  'unregistered-network-adapter',
])

function wordsFor(type: ViolationId): Words {
  if (/^(agent|log)-/.test(type)) return supervision
  if (/phone-or|wireless-input|peripheral|av-device|bluetooth/.test(type)) return devices
  return /media|medium/.test(type) ? media : network
}

/** Returns the acts in the order of time; empty where nobody does anything. */
export function planHandling(seed: string, about: StoryOf): readonly PlannedAct[] {
  const random = createRandom(`${seed}/handling/${about.id}`)
  const { severity, receivedAt } = about
  const story = new Story(about, random)
  if (severity === 'critical') story.suspectedLeak()
  // Now and then something is left lying.
  else if (random.chance(0.02)) return []
  else story.ordinary()
  return story.acts.filter(({ atMs }) => atMs > receivedAt)
}

class Story {
  readonly acts: PlannedAct[] = []
  readonly #words: Words
  readonly #about: StoryOf
  readonly #random: Random
  #atMs: number

  constructor(about: StoryOf, random: Random) {
    this.#about = about
    this.#random = random
    this.#words = wordsFor(about.type)
    this.#atMs = about.receivedAt
  }

  suspectedLeak(): void {
    const random = this.#random
    const { innocent, confirmed } = this.#words
    this.#soon(5, 35, { act: 'step', kind: 'acknowledge', reason: '' })
    this.#soon(2, 10, { act: 'assign' })
    if (random.chance(0.12)) {
      this.#soon(40, 120, { act: 'step', kind: 'false-positive', reason: random.pick(innocent) })
      return
    }
    this.#soon(20, 90, { act: 'step', kind: 'confirm', reason: random.pick(confirmed) })
    const isIncident = random.chance(0.25)
    if (isIncident)
      this.#soon(10, 30, { act: 'step', kind: 'incident', reason: '可能造成泄密，按规定上报。' })
    this.#soon(20, 60, { act: 'tell', what: 'report' })
    this.#aftermath(true)
    // What was told of is told to its end.
    this.#later(isIncident ? 15 : 2, isIncident ? 45 : 12, { act: 'tell', what: 'result' })
    this.#close(['warning', 'warning', 'discipline', 'education'])
  }

  ordinary(): void {
    const random = this.#random
    const { severity, type } = this.#about
    const { innocent, confirmed } = this.#words
    this.#later(0, 2, { act: 'step', kind: 'acknowledge', reason: '' })
    if (excusable.has(type) && random.chance(0.2)) {
      const reason = '设备更新期间暂予允许，到期复核。'
      this.#later(0, 1, { act: 'exception', days: random.int(40, 88), reason })
      return
    }
    if (random.chance(0.5)) this.#soon(5, 60, { act: 'assign' })
    if (random.chance(0.4))
      this.#soon(10, 240, {
        act: 'step',
        kind: 'comment',
        reason: '已联系责任人，请其到保密办公室说明。',
      })
    if (random.chance(0.1)) {
      this.#later(0, 2, { act: 'step', kind: 'false-positive', reason: random.pick(innocent) })
      return
    }
    this.#later(0, 3, { act: 'step', kind: 'confirm', reason: random.pick(confirmed) })
    if (severity === 'high') this.#aftermath(random.chance(0.5))
    this.#close(
      severity === 'high'
        ? ['education', 'warning', 'warning', 'discipline']
        : ['education', 'education', 'warning', 'none'],
    )
  }

  /** What follows on a violation that is one: asked, mended, looked at again. */
  #aftermath(isRectified: boolean): void {
    const random = this.#random
    const { remedied, rectified, statements } = this.#words
    const isAsked = random.chance(0.45)
    if (isAsked) this.#soon(10, 120, { act: 'ask' })
    this.#later(0, 3, { act: 'step', kind: 'remedy', reason: random.pick(remedied) })
    if (isAsked && random.chance(0.85)) this.#later(1, 4, { act: 'statement', text: random.pick(statements) })
    if (!isRectified) return
    // One in eight takes longer than was agreed.
    const days = random.int(8, 20)
    this.#soon(10, 60, { act: 'rectify-by', days })
    const took = random.chance(0.12) ? days + random.int(2, 6) : random.int(3, days - 2)
    this.#later(took, took, { act: 'step', kind: 'rectify', reason: random.pick(rectified) })
  }

  #close(dispositions: readonly NonNullable<StepAsked['disposition']>[]): void {
    const disposition = this.#random.pick(dispositions)
    this.#later(0, 6, { act: 'step', kind: 'close', reason: '处理完毕，归档。', disposition })
  }

  /** On the same day, whatever day it is. */
  #soon(minutesMin: number, minutesMax: number, act: Act): void {
    this.#atMs += this.#random.int(minutesMin * 60, minutesMax * 60) * 1_000
    this.acts.push({ ...act, atMs: this.#atMs })
  }

  /** Days later, while the office is there. */
  #later(daysMin: number, daysMax: number, act: Act): void {
    const random = this.#random
    const after = this.#atMs + random.int(daysMin, daysMax) * DAY_MS + random.int(10, 170) * MINUTE_MS
    this.#atMs = Math.max(this.#atMs, intoOfficeHours(after, random.int(0, 3 * HOUR_MS)))
    this.acts.push({ ...act, atMs: this.#atMs })
  }
}
