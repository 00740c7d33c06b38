/** The register of peripherals and office machines: what stands beside a computer and takes in what it processes. */

import { coreWords, day, flag, link, text, w } from './field-words.ts'
import type { Field, Kind, Step } from './fields.ts'

const groups = [
  { key: 'use', words: w('使用与管理', 'Use and custody') },
  { key: 'machine', words: w('设备', 'Machine') },
  { key: 'lines', words: w('线路与联网', 'Lines and networks') },
  { key: 'filing', words: w('登记', 'Registration') },
] as const

const fields: readonly Field[] = [
  {
    key: 'kind',
    type: 'choice',
    words: w('类型', 'Kind'),
    group: 'use',
    requiredIn: 'always',
    options: [
      { value: 'printer', words: w('打印机', 'Printer') },
      { value: 'copier', words: w('复印机', 'Copier') },
      { value: 'fax', words: w('传真机', 'Fax') },
      { value: 'mfp', words: w('多功能一体机', 'Multifunction machine') },
      { value: 'scanner', words: w('扫描仪', 'Scanner') },
      { value: 'phone', words: w('电话机', 'Telephone') },
      { value: 'display', words: w('显示器', 'Display') },
      { value: 'projector', words: w('投影仪', 'Projector') },
      { value: 'burner', words: w('刻录机', 'Disc burner') },
      { value: 'shredder', words: w('碎纸机', 'Shredder') },
      { value: 'safe', words: w('保密柜', 'Safe') },
      { value: 'jammer', words: w('干扰仪', 'Jammer') },
      { value: 'inspection-tool', words: w('保密检查工具', 'Inspection tool') },
      { value: 'other', words: w('其他', 'Other') },
    ],
  },
  {
    ...link('custodianEntry', w('责任人(人员登记)', 'Custodian (people register)'), 'people', 1),
    group: 'use',
  },
  { ...link('computers', w('所连计算机', 'Linked computers'), 'computers', 20), group: 'use' },
  { ...text('room', w('放置地点', 'Room'), 100), group: 'use', requiredIn: ['in-use'] },
  { ...text('brand', w('品牌', 'Brand'), 100), group: 'machine' },
  { ...text('model', w('型号', 'Model'), 100), group: 'machine' },
  { ...text('serial', w('序列号', 'Serial number'), 100), isCode: true, group: 'machine' },
  {
    key: 'diskSerials',
    type: 'list',
    words: w('硬盘序列号', 'Disk serial numbers'),
    group: 'machine',
    max: 100,
    itemsMax: 8,
    form: 'code',
    hint: w('数字复印机、一体机内的硬盘', 'The disk inside a digital copier or multifunction machine'),
  },
  {
    key: 'connection',
    type: 'choice',
    words: w('连接方式', 'Connection'),
    group: 'lines',
    options: [
      { value: 'none', words: w('不连接', 'None') },
      { value: 'usb', words: w('USB 直连', 'USB, direct') },
      { value: 'parallel', words: w('并口/串口', 'Parallel or serial') },
      { value: 'classified-lan', words: w('涉密网络', 'Classified network') },
      { value: 'other-network', words: w('其他网络', 'Another network') },
    ],
  },
  { ...flag('phoneLine', w('接普通电话线', 'On an ordinary telephone line')), group: 'lines' },
  { ...flag('hasWireless', w('有无线模块', 'Has a wireless module')), group: 'lines' },
  {
    ...flag('wirelessDisabled', w('无线模块已拆除或禁用', 'Wireless module removed or disabled')),
    group: 'lines',
  },
  { ...flag('isDedicated', w('保密专用', 'Dedicated to classified use')), group: 'lines' },
  { ...flag('auditsPrints', w('输出留有审计记录', 'Output leaves an audit record')), group: 'lines' },
  { ...day('filedOn', w('登记日期', 'Registered on')), group: 'filing', requiredIn: ['filed', 'in-use'] },
  { ...day('labelledOn', w('密级标识粘贴日期', 'Classification label fixed on')), group: 'filing' },
  { ...day('endedOn', w('停用/销毁日期', 'Retired or destroyed on')), group: 'filing' },
  { ...text('endPaper', w('销毁凭证', 'Certificate of destruction'), 100), group: 'filing' },
  { ...text('note', w('备注', 'Note'), 500), isLong: true, group: 'filing' },
]

const toUse: Step = {
  to: 'in-use',
  needs: ['level', 'custodian', 'department', 'filedOn', 'room'],
  asks: ['labelledOn'],
}
const suspend: Step = { to: 'suspended', needs: [], asks: [] }
const repair: Step = { to: 'in-repair', needs: [], asks: [] }
const retire: Step = { to: 'retired', needs: [], asks: ['endedOn'] }

export const MACHINES: Kind = {
  name: 'machines',
  words: w('外部设备与办公设备', 'Peripherals and office machines'),
  one: w('设备', 'machine'),
  coreWords,
  groups,
  fields,
  states: [
    {
      key: 'applied',
      words: w('申请', 'Applied'),
      steps: [
        { to: 'filed', needs: ['level', 'custodian', 'department', 'filedOn'], asks: ['filedOn'] },
        retire,
      ],
    },
    { key: 'filed', words: w('已登记', 'Registered'), steps: [toUse, retire] },
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
  pattern: 'SB-{seq:4}',
  levels: ['unclassified', 'internal', 'confidential', 'secret', 'top-secret'],
  custodian: 'person',
  listed: ['kind', 'model', 'room', 'computers'],
  columns: [
    { key: 'number', words: w('编号', 'Number') },
    { key: 'kind', words: w('类型', 'Kind') },
    { key: 'level', words: w('密级', 'Level') },
    { key: 'custodian', words: w('责任人', 'Custodian') },
    { key: 'department', words: w('部门', 'Department') },
    { key: 'room', words: w('放置地点', 'Room') },
    { key: 'brand', words: w('品牌', 'Brand') },
    { key: 'model', words: w('型号', 'Model') },
    { key: 'serial', words: w('序列号', 'Serial number') },
    { key: 'diskSerials', words: w('硬盘序列号', 'Disk serial numbers') },
    { key: 'computers', words: w('所连计算机', 'Linked computers') },
    { key: 'connection', words: w('连接方式', 'Connection') },
    { key: 'phoneLine', words: w('接普通电话线', 'Telephone line') },
    { key: 'hasWireless', words: w('有无线模块', 'Wireless module') },
    { key: 'wirelessDisabled', words: w('无线已拆除或禁用', 'Wireless disabled') },
    { key: 'isDedicated', words: w('保密专用', 'Dedicated') },
    { key: 'auditsPrints', words: w('输出审计', 'Output audited') },
    { key: 'filedOn', words: w('登记日期', 'Registered on') },
    { key: 'labelledOn', words: w('标识粘贴日期', 'Label fixed on') },
    { key: 'state', words: w('状态', 'State') },
    { key: 'note', words: w('备注', 'Note') },
  ],
}
