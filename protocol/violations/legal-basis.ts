/**
 * What a violation rests on: an article of law, or a rule of the unit itself.
 *
 * Law is cited by name and article alone; its text is not here. A unit rule is cited by its topic, because its wording
 * is the unit's own and is loaded by the unit.
 */

export const LAWS = {
  保守国家秘密法: {
    title: {
      zh: '中华人民共和国保守国家秘密法',
      en: "Law of the People's Republic of China on Guarding State Secrets",
    },
    shortTitle: { zh: '保守国家秘密法', en: 'Law on Guarding State Secrets' },
    /** The edition whose articles are cited. */
    inForceSince: '2024-05-01',
  },
  保守国家秘密法实施条例: {
    title: {
      zh: '中华人民共和国保守国家秘密法实施条例',
      en: "Regulations for the Implementation of the Law of the People's Republic of China on Guarding State Secrets",
    },
    shortTitle: {
      zh: '保守国家秘密法实施条例',
      en: 'Implementing Regulations of the Law on Guarding State Secrets',
    },
    inForceSince: '2024-09-01',
  },
} as const
export type LawName = keyof typeof LAWS

/** Topics on which a unit has its own rule. */
export const UNIT_RULES = {
  'physical-isolation': {
    zh: '涉密计算机与非涉密网络物理隔离',
    en: 'physical isolation from unclassified networks',
  },
  'no-network': {
    zh: '单机涉密计算机不得连接任何网络',
    en: 'no network of any kind on a stand-alone computer',
  },
  'isolation-card': { zh: '内外网隔离', en: 'separation of inner and outer networks' },
  'forbidden-hardware': { zh: '不得配备无线、视音频装置', en: 'no wireless, audio or video hardware' },
  wireless: { zh: '禁用无线功能', en: 'wireless functions disabled' },
  'device-installation': { zh: '不得擅自安装其他设备', en: 'no device installed without approval' },
  'issued-media': { zh: '使用统一配发的移动存储介质', en: 'centrally issued removable media only' },
  'media-register': {
    zh: '存储介质登记、编号、专人负责',
    en: 'media registered, numbered, with a custodian',
  },
  'media-hand-in': { zh: '存储介质年底集中保存', en: 'media handed in at the end of the year' },
  'cross-use': { zh: '移动存储介质不得交叉使用', en: 'no cross-use of removable media' },
  'level-order': { zh: '低密级不得处理高密级信息', en: 'nothing above the level of the computer or medium' },
  'retire-and-destroy': { zh: '未经销密不得淘汰或转用', en: 'no retirement or re-use before sanitising' },
  'missing-carrier': { zh: '载体下落不明的处理时限', en: 'time limits for a missing carrier' },
  'smart-devices': { zh: '不得连接手机等智能设备', en: 'no phone or smart device connected' },
  printing: { zh: '使用专用打印机', en: 'dedicated printers only' },
  burning: { zh: '刻录审批', en: 'approval before burning discs' },
  'one-way-import': { zh: '非密信息单向导入', en: 'one-way import of unclassified information' },
  'internet-use': {
    zh: '联网计算机不得存储、处理国家秘密',
    en: 'no state secret on a computer that is online',
  },
  'unclassified-media': {
    zh: '非涉密介质不得传输涉密信息',
    en: 'no classified information on unclassified media',
  },
  marking: { zh: '密级标识', en: 'classification marks' },
  copying: { zh: '复制、留存涉密载体审批', en: 'approval before copying or keeping carriers' },
  monitoring: { zh: '安装违规外联监控系统', en: 'connection monitoring installed and running' },
  'audit-log': { zh: '审计日志保护', en: 'protection of the audit log' },
  passwords: { zh: '开机、登录和屏保口令', en: 'boot, log-on and screen-lock passwords' },
  'hard-disks': { zh: '不得私自拆卸硬盘', en: 'no disk removed privately' },
  filing: { zh: '逐台备案', en: 'every computer filed before use' },
  'authorized-users': { zh: '使用人备案与离岗收回', en: 'users filed, access withdrawn on leaving' },
  'usage-log': { zh: '使用登记和工作日志', en: 'usage register and work log' },
  repair: { zh: '维修现场监督', en: 'supervised repair' },
  'off-site-repair': { zh: '外送维修拆留硬盘', en: 'disk kept when repaired off site' },
  inspection: { zh: '定期保密检查', en: 'periodic secrecy inspection' },
  'role-separation': { zh: '三员分立', en: 'separation of the three roles' },
  location: { zh: '不得随意移位', en: 'no relocation without filing' },
  'virus-protection': { zh: '病毒查杀和病毒库更新', en: 'virus scans and signature updates' },
  'forbidden-software': {
    zh: '不得使用电子邮件、即时通讯等软件',
    en: 'no e-mail or instant-messaging software',
  },
} as const
export type UnitRule = keyof typeof UNIT_RULES

export interface LawBasis {
  readonly kind: 'law'
  readonly law: LawName
  readonly article: number
  /** 项 of the article. */
  readonly item?: number
  /** The article does not name this very act; that it covers it is our reading, to be confirmed by the unit. */
  readonly isInferred: boolean
}

export interface UnitRuleBasis {
  readonly kind: 'unit-rule'
  readonly rule: UnitRule
  readonly topic: { readonly zh: string; readonly en: string }
  readonly isInferred: boolean
}

export type LegalBasis = LawBasis | UnitRuleBasis

/** Cites an article of the Law. */
export function law(article: number, item?: number): LawBasis {
  return lawBasis('保守国家秘密法', article, item)
}

/** Cites an article of the Implementing Regulations. */
export function regulation(article: number, item?: number): LawBasis {
  return lawBasis('保守国家秘密法实施条例', article, item)
}

/** Cites a rule of the unit by its topic. */
export function unitRule(rule: UnitRule): UnitRuleBasis {
  return { kind: 'unit-rule', rule, topic: UNIT_RULES[rule], isInferred: false }
}

/** Says that a citation is our reading of it. */
export function inferred<Basis extends LegalBasis>(basis: Basis): Basis {
  return { ...basis, isInferred: true }
}

/** Words a citation: `《保守国家秘密法》第三十一条第(一)项`, `Law on Guarding State Secrets, art. 31(1)`. */
export function citeBasis(basis: LegalBasis, lang: 'zh' | 'en'): string {
  if (basis.kind === 'unit-rule') {
    return lang === 'zh' ? `本单位规定：${basis.topic.zh}` : `unit rule: ${basis.topic.en}`
  }
  const title = LAWS[basis.law].shortTitle[lang]
  if (lang === 'en')
    return `${title}, art. ${basis.article}${basis.item === undefined ? '' : `(${basis.item})`}`
  const item = basis.item === undefined ? '' : `第（${chineseNumber(basis.item)}）项`
  return `《${title}》第${chineseNumber(basis.article)}条${item}`
}

function lawBasis(name: LawName, article: number, item: number | undefined): LawBasis {
  return { kind: 'law', law: name, article, ...(item === undefined ? {} : { item }), isInferred: false }
}

const digits = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const

/** 1 to 99: the laws have no more articles than that. */
function chineseNumber(value: number): string {
  const tens = Math.floor(value / 10)
  const ones = digits[value % 10] ?? ''
  if (tens === 0) return ones
  return `${tens === 1 ? '' : digits[tens]}十${ones}`
}
