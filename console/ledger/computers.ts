/** The register of computers: each is filed before it processes anything, and is a carrier of secrets itself. */

import { coreWords, day, link, presence, text, w } from './field-words.ts'
import type { Field, Kind, Step, Words } from './fields.ts'

const filed = ['filed', 'in-use', 'suspended', 'in-repair'] as const
const using = ['in-use'] as const

const groups = [
  { key: 'use', words: w('使用与管理', 'Use and custody') },
  { key: 'machine', words: w('设备', 'Machine') },
  { key: 'equipment', words: w('防护设备清单', 'Equipment check-list') },
  { key: 'filing', words: w('备案', 'Filing') },
] as const

/** What a computer of this level is to be fitted with, each present, absent or not needed. */
export const EQUIPMENT = [
  ['threeInOne', w('三合一系统', 'Three-in-one system')],
  ['outreachMonitor', w('违规外联监控', 'Illicit-connection monitor')],
  ['encryptionLock', w('加密锁', 'Encryption lock')],
  ['isolationCard', w('隔离卡', 'Isolation card')],
  ['dedicatedPrinter', w('保密专用打印机', 'Dedicated printer')],
  ['dedicatedPower', w('保密专用电源', 'Dedicated power supply')],
  ['jammer', w('计算机干扰仪', 'Jammer')],
  ['safe', w('保密柜', 'Approved safe')],
] as const satisfies readonly (readonly [string, Words])[]

const fields: readonly Field[] = [
  {
    key: 'networkMode',
    type: 'choice',
    words: w('联网方式', 'Network mode'),
    group: 'use',
    requiredIn: 'always',
    options: [
      { value: 'standalone', words: w('单机', 'Standalone') },
      { value: 'classified-lan', words: w('涉密网络', 'Classified network') },
    ],
  },
  {
    key: 'kind',
    type: 'choice',
    words: w('类型', 'Kind'),
    group: 'use',
    requiredIn: 'always',
    options: [
      { value: 'desktop', words: w('涉密台式机', 'Desktop') },
      { value: 'portable', words: w('便携式计算机', 'Portable') },
      { value: 'intermediate', words: w('中间机', 'Intermediate machine') },
      { value: 'internet-desktop', words: w('互联网台式机', 'Internet desktop') },
      { value: 'server', words: w('服务器', 'Server') },
      { value: 'other', words: w('其他', 'Other') },
    ],
  },
  {
    ...link('custodianEntry', w('责任人(人员登记)', 'Custodian (people register)'), 'people', 1),
    group: 'use',
  },
  { ...text('room', w('放置地点', 'Room'), 100), group: 'use', requiredIn: using },
  { key: 'keyLocation', type: 'flag', words: w('要害部门/部位', 'Key department or location'), group: 'use' },
  { ...text('recipient', w('领用人', 'Recipient'), 100), group: 'use', requiredIn: using },
  {
    key: 'authorizedUsers',
    type: 'list',
    words: w('使用人', 'Authorised users'),
    group: 'use',
    max: 64,
    itemsMax: 50,
    form: 'text',
  },
  {
    key: 'noClassifiedStorage',
    type: 'flag',
    words: w('不得存储涉密文件', 'No classified files may be stored'),
    group: 'use',
  },
  { ...text('unit', w('单位', 'Unit'), 100), group: 'machine' },
  { ...text('brand', w('品牌', 'Brand'), 100), group: 'machine' },
  { ...text('model', w('机型', 'Model'), 100), group: 'machine' },
  {
    key: 'diskSerials',
    type: 'list',
    words: w('硬盘序列号', 'Disk serial numbers'),
    group: 'machine',
    max: 100,
    itemsMax: 32,
    form: 'code',
    requiredIn: using,
  },
  {
    key: 'macs',
    type: 'list',
    words: w('MAC 地址', 'MAC addresses'),
    group: 'machine',
    max: 17,
    itemsMax: 32,
    form: 'mac',
  },
  { ...text('os', w('操作系统', 'Operating system'), 100), group: 'machine' },
  { ...day('osInstalledOn', w('系统安装日期', 'System installed on')), group: 'machine' },
  { ...day('startedOn', w('启用日期', 'In use since')), group: 'machine' },
  { ...link('peripherals', w('外部设备', 'Peripherals'), 'machines', 50), group: 'machine' },
  ...EQUIPMENT.map(([key, words]): Field => ({ ...presence(key, words), group: 'equipment' })),
  { ...day('filedOn', w('备案日期', 'Filed on')), group: 'filing', requiredIn: filed },
  { ...text('filingPaper', w('备案文号', 'Filing document'), 100), group: 'filing' },
  {
    ...day('labelledOn', w('密级标识粘贴日期', 'Classification label fixed on')),
    group: 'filing',
    requiredIn: using,
    hint: w('显示器左上方', 'Upper left of the display'),
  },
  { ...day('endedOn', w('停用/销毁日期', 'Retired or destroyed on')), group: 'filing' },
  { ...text('endPaper', w('销毁凭证', 'Certificate of destruction'), 100), group: 'filing' },
  { ...text('note', w('备注', 'Note'), 500), isLong: true, group: 'filing' },
]

const toUse: Step = {
  to: 'in-use',
  needs: [
    'number',
    'level',
    'custodian',
    'department',
    'filedOn',
    'labelledOn',
    'recipient',
    'room',
    'diskSerials',
  ],
  asks: ['labelledOn', 'startedOn'],
}
const suspend: Step = { to: 'suspended', needs: [], asks: [] }
const repair: Step = { to: 'in-repair', needs: [], asks: [] }
const retire: Step = { to: 'retired', needs: [], asks: ['endedOn'] }

export const COMPUTERS: Kind = {
  name: 'computers',
  words: w('计算机', 'Computers'),
  one: w('计算机', 'computer'),
  coreWords,
  groups,
  fields,
  states: [
    {
      key: 'applied',
      words: w('申请', 'Applied'),
      steps: [
        {
          to: 'filed',
          needs: ['level', 'custodian', 'department', 'filedOn'],
          asks: ['filedOn', 'filingPaper'],
        },
        retire,
      ],
    },
    { key: 'filed', words: w('已备案', 'Filed'), steps: [toUse, retire] },
    { key: 'in-use', words: w('在用', 'In use'), steps: [suspend, repair, retire] },
    { key: 'suspended', words: w('停用', 'Suspended'), steps: [toUse, repair, retire] },
    { key: 'in-repair', words: w('维修', 'In repair'), steps: [toUse, suspend, retire] },
    {
      key: 'retired',
      words: w('报废', 'Retired'),
      steps: [{ to: 'destroyed', needs: ['endedOn', 'endPaper'], asks: ['endedOn', 'endPaper'] }],
    },
    { key: 'destroyed', words: w('已销毁', 'Destroyed'), steps: [], isClosed: true },
  ],
  pattern: 'JM-{seq:4}',
  levels: ['unclassified', 'internal', 'confidential', 'secret', 'top-secret'],
  custodian: 'person',
  listed: ['kind', 'networkMode', 'room', 'model'],
  columns: [
    { key: 'unit', words: w('单位', 'Unit') },
    { key: 'custodian', words: w('责任人', 'Custodian') },
    { key: 'level', words: w('密级', 'Level') },
    { key: 'model', words: w('机型', 'Model') },
    { key: 'number', words: w('编号', 'Number') },
    { key: 'diskSerials', words: w('硬盘序列号', 'Disk serial numbers') },
    { key: 'department', words: w('部门', 'Department') },
    { key: 'keyLocation', words: w('要害部门/部位', 'Key department or location') },
    { key: 'threeInOne', words: w('三合一', 'Three-in-one') },
    { key: 'outreachMonitor', words: w('外联监控', 'Illicit-connection monitor') },
    { key: 'brand', words: w('品牌', 'Brand') },
    { key: 'os', words: w('操作系统', 'Operating system') },
    { key: 'macs', words: w('MAC 地址', 'MAC addresses') },
    { key: 'osInstalledOn', words: w('系统安装日期', 'System installed on') },
    { key: 'room', words: w('放置地点', 'Room') },
    { key: 'startedOn', words: w('启用日期', 'In use since') },
    { key: 'state', words: w('状态', 'State') },
    { key: 'kind', words: w('类型', 'Kind') },
    { key: 'networkMode', words: w('联网方式', 'Network mode') },
    { key: 'recipient', words: w('领用人', 'Recipient') },
    { key: 'authorizedUsers', words: w('使用人', 'Authorised users') },
    { key: 'noClassifiedStorage', words: w('不得存储涉密文件', 'No classified files') },
    { key: 'encryptionLock', words: w('加密锁', 'Encryption lock') },
    { key: 'isolationCard', words: w('隔离卡', 'Isolation card') },
    { key: 'dedicatedPrinter', words: w('专用打印机', 'Dedicated printer') },
    { key: 'dedicatedPower', words: w('专用电源', 'Dedicated power supply') },
    { key: 'jammer', words: w('干扰仪', 'Jammer') },
    { key: 'safe', words: w('保密柜', 'Safe') },
    { key: 'filedOn', words: w('备案日期', 'Filed on') },
    { key: 'filingPaper', words: w('备案文号', 'Filing document') },
    { key: 'labelledOn', words: w('标识粘贴日期', 'Label fixed on') },
    { key: 'note', words: w('备注', 'Note') },
  ],
}

/** States in which nobody uses a computer any more. */
export const ENDED_STATES: ReadonlySet<string> = new Set(['retired', 'destroyed'])

/** States in which a computer is filed: an agent on one of another state works on an unfiled computer. */
export const FILED_STATES: ReadonlySet<string> = new Set(filed)
