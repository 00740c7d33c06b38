/**
 * One thing that a ceiling does not allow, and how it is said. Pure, and without built-ins: the page words it too.
 *
 * `found` and `allowed` are words of the protocol (modes, rights, addresses, numbers) and never text that a device chose.
 */

export const BEYOND_RULES = [
  'level-not-allowed',
  'level-changed',
  'baseline-widened',
  'mode-too-weak',
  'network-mode-not-allowed',
  'role-not-allowed',
  'device-ids-not-allowed',
  'peripheral-not-allowed',
  'peripheral-without-serial',
  'interface-not-allowed',
  'sensor-missing',
  'limit-too-long',
  'address-outside',
  'address-unreadable',
  'command-not-allowed',
  'right-too-wide',
  'grant-too-long',
] as const
export type BeyondRule = (typeof BEYOND_RULES)[number]

export interface Beyond {
  /** As in the policy: `settings.modes.media`, `settings.network.destinations.3.prefix`, `command.minutes`. */
  readonly field: string
  readonly rule: BeyondRule
  readonly found: string
  readonly allowed: string
}

/** Words what lies beyond, and what to do about it; one sentence. */
export function sayBeyond({ field, rule, found, allowed }: Beyond, lang: 'zh' | 'en'): string {
  const [zh, en] = words[rule](found, allowed)
  return lang === 'zh' ? `${field}：${zh}` : `${field}: ${en}`
}

type Words = (found: string, allowed: string) => readonly [zh: string, en: string]

const words: Readonly<Record<BeyondRule, Words>> = {
  'level-not-allowed': (found) => [
    `上限不允许密级为 ${found} 的计算机；改用允许的密级，或签署新的上限。`,
    `the ceiling allows no computer of level ${found}; choose an allowed level, or have a new ceiling signed.`,
  ],
  'level-changed': (found, allowed) => [
    `上限不允许更改密级（${allowed} → ${found}）；请在该计算机上重新注册。`,
    `the ceiling allows no change of level (${allowed} to ${found}); enrol the computer anew.`,
  ],
  'baseline-widened': (found) => [
    `基线中多出 ${found} 项；基线只在注册时形成，请重新注册。`,
    `the baseline has ${found} things more; it is taken at enrolment alone: enrol the computer anew.`,
  ],
  'mode-too-weak': (found, allowed) => [
    `“${found}”弱于上限；至少设为“${allowed}”。`,
    `"${found}" is weaker than the ceiling; set "${allowed}" at least.`,
  ],
  'network-mode-not-allowed': (found, allowed) => [
    `上限不允许“${found}”；允许：${allowed}。`,
    `the ceiling does not allow "${found}"; allowed: ${allowed}.`,
  ],
  'role-not-allowed': (found, allowed) => [
    `上限不允许此密级的计算机具有“${found}”角色；允许：${allowed}。`,
    `the ceiling does not allow the role "${found}" at this level; allowed: ${allowed}.`,
  ],
  'device-ids-not-allowed': (found) => [
    `上限不允许按设备标识登记介质（现有 ${found} 条）；改为在登记站制作封签。`,
    `the ceiling allows no media by device ids (there are ${found}); register them with a seal at a station.`,
  ],
  'peripheral-not-allowed': () => [
    '上限不允许批准外设；请删除。',
    'the ceiling allows no approved peripherals; remove it.',
  ],
  'peripheral-without-serial': () => [
    '上限不允许整型号批准外设；请写明序列号。',
    'the ceiling allows no whole model of peripherals; name the serial number.',
  ],
  'interface-not-allowed': () => [
    '上限不允许批准注册时没有的网络接口；请删除。',
    'the ceiling allows no network interface beside those of the enrolment; remove it.',
  ],
  'sensor-missing': (found) => [
    `上限要求传感器“${found}”；请加入。`,
    `the ceiling requires the sensor "${found}"; add it.`,
  ],
  'limit-too-long': (found, allowed) => [
    `${found} 毫秒超过上限；最多 ${allowed} 毫秒。`,
    `${found} ms is above the ceiling; at most ${allowed} ms.`,
  ],
  'address-outside': (found, allowed) => [
    `${found} 不在上限允许的网段之内（${allowed}）；请删除或更正。`,
    `${found} lies in none of the networks that the ceiling allows (${allowed}); remove or correct it.`,
  ],
  'address-unreadable': (found) => [
    `${found} 不是可读的地址；请更正。`,
    `${found} is no address that can be read; correct it.`,
  ],
  'command-not-allowed': (found, allowed) => [
    `上限不允许命令“${found}”；允许：${allowed}。`,
    `the ceiling does not allow the command "${found}"; allowed: ${allowed}.`,
  ],
  'right-too-wide': (found, allowed) => [
    `权限“${found}”超过上限；最多“${allowed}”。`,
    `the right "${found}" is wider than the ceiling; at most "${allowed}".`,
  ],
  'grant-too-long': (found, allowed) => [
    `${found} 分钟超过上限；最多 ${allowed} 分钟。`,
    `${found} minutes are above the ceiling; at most ${allowed}.`,
  ],
}
