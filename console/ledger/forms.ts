/**
 * The forms to be signed, each defined once: what is filled in from the registers, what is written by hand, who signs, and by
 * which law. Pure.
 *
 * Where a law is named, it is 《中华人民共和国保守国家秘密法》 (in force 2024-05-01) or its 实施条例 (in force 2024-09-01), by article; all
 * else is the unit's own rule. The words are for paper: Chinese first, English as a gloss.
 */
import { w } from './field-words.ts'
import type { Words } from './fields.ts'
import {
  type FormCell,
  type FormContent,
  type FormEntry,
  type FormName,
  type FormPart,
} from './form-parts.ts'
import type { PrintKind } from './print-mark.ts'

export interface FormDefinition {
  readonly name: FormName
  readonly title: Words
  readonly kinds: readonly PrintKind[]
  /** Of one entry, or a list of them. */
  readonly isList: boolean
  readonly basis: string
  readonly notes: readonly Words[]
  readonly parts: (entries: readonly FormEntry[]) => readonly FormPart[]
}

const law = '《中华人民共和国保守国家秘密法》'
const regulation = '《中华人民共和国保守国家秘密法实施条例》'
const own = '本单位保密制度'

const sign = (title: Words, places: readonly Words[], isOpinion = false): FormPart => ({
  part: 'signatures',
  title,
  isOpinion,
  places,
})
const blank = (words: Words, isWide = false): FormCell => ({ words, value: null, isWide })
const yesNo = [w('是', 'Yes'), w('否', 'No')]
const custodian = w('责任人', 'Custodian')
const departmentHead = w('部门负责人', 'Head of department')
const securityOffice = w('保密办', 'Security office')

/** What is known of a thing: the same at the head of each form of one entry. */
function thing(entry: FormEntry): FormPart {
  const { number, level, department, name, fields } = entry
  const serial = fields['diskSerials'] || fields['serial'] || ''
  return {
    part: 'cells',
    title: w('设备、载体', 'Subject'),
    cells: [
      { words: w('编号', 'Number'), value: number },
      { words: w('密级', 'Level'), value: level || null },
      { words: w('名称、型号', 'Name, model'), value: name || null, isWide: true },
      { words: custodian, value: entry.custodian || null },
      { words: w('部门', 'Department'), value: department || null },
      { words: w('序列号', 'Serial numbers'), value: serial || null, isWide: true },
    ],
  }
}

function listOf(entries: readonly FormEntry[], last: Words): FormPart {
  return {
    part: 'table',
    title: w('清单', 'List'),
    columns: [
      { words: w('序号', 'No.'), share: 6 },
      { words: w('编号', 'Number'), share: 17 },
      { words: w('名称、型号', 'Name, model'), share: 25 },
      { words: w('密级', 'Level'), share: 8 },
      { words: w('份号/序列号', 'Copy or serial no.'), share: 20 },
      { words: custodian, share: 11 },
      { words: last, share: 13 },
    ],
    rows: entries.map((one, at) => [
      String(at + 1),
      one.number,
      one.name,
      one.level,
      one.fields['copyNumbers'] || one.fields['diskSerials'] || one.fields['serial'] || '',
      one.custodian,
      '',
    ]),
    blankRows: Math.max(0, 3 - entries.length),
  }
}

const filing: FormDefinition = {
  name: 'filing',
  title: w('涉密计算机登记备案表', 'Filing of a classified computer'),
  kinds: ['computers'],
  isList: false,
  basis: `${law}第三十条、${regulation}第三十二条；${own}`,
  notes: [
    w(
      '逐台备案；未经备案的计算机不得处理国家秘密信息。',
      'Each computer is filed before it processes anything.',
    ),
    w('密级标识贴于显示器左上方。', 'The label is fixed at the upper left of the display.'),
  ],
  parts: ([entry]) => {
    if (entry === undefined) return []
    const { fields, number, level, department } = entry
    const value = (key: string, words: Words, isWide = false): FormCell => ({
      words,
      value: fields[key] || null,
      isWide,
    })
    return [
      {
        part: 'cells',
        title: w('基本情况', 'Computer'),
        cells: [
          { words: w('编号', 'Number'), value: number },
          { words: w('密级', 'Level'), value: level || null },
          { words: w('部门', 'Department'), value: department || null },
          value('room', w('放置地点', 'Room')),
          { words: custodian, value: entry.custodian || null },
          value('recipient', w('领用人', 'Recipient')),
          value('authorizedUsers', w('使用人', 'Authorised users'), true),
          value('kind', w('类型', 'Kind')),
          value('networkMode', w('联网方式', 'Network mode')),
          value('brand', w('品牌', 'Brand')),
          value('model', w('机型', 'Model')),
          value('os', w('操作系统', 'Operating system')),
          value('osInstalledOn', w('系统安装日期', 'System installed on')),
          value('diskSerials', w('硬盘序列号', 'Disk serial numbers'), true),
          value('macs', w('MAC 地址', 'MAC addresses'), true),
          value('startedOn', w('启用日期', 'In use since')),
          value('keyLocation', w('要害部门/部位', 'Key location')),
        ],
      },
      {
        part: 'cells',
        title: w('防护设备', 'Equipment'),
        cells: [
          value('threeInOne', w('三合一系统', 'Three-in-one')),
          value('outreachMonitor', w('违规外联监控', 'Connection monitor')),
          value('encryptionLock', w('加密锁', 'Encryption lock')),
          value('isolationCard', w('隔离卡', 'Isolation card')),
          value('dedicatedPrinter', w('保密专用打印机', 'Dedicated printer')),
          value('dedicatedPower', w('保密专用电源', 'Dedicated power')),
          value('jammer', w('计算机干扰仪', 'Jammer')),
          value('safe', w('保密柜', 'Approved safe')),
        ],
      },
      sign(
        w('签字与审批', 'Signatures'),
        [custodian, departmentHead, w('保密办审批', 'Security office')],
        true,
      ),
    ]
  },
}

const loan: FormDefinition = {
  name: 'loan',
  title: w('涉密设备、载体借用登记表', 'Loan of devices and carriers'),
  kinds: ['computers', 'machines', 'carriers', 'media'],
  isList: true,
  basis: `${law}第二十六条、${regulation}第二十七条；${own}`,
  notes: [w('按期归还，归还时当面清点、检查。', 'Returned in time, counted and checked together.')],
  parts: (entries) => [
    {
      part: 'cells',
      title: w('借用', 'Loan'),
      cells: [
        blank(w('借用人', 'Borrower')),
        blank(w('借用部门', 'Department')),
        blank(w('借用日期', 'Lent on')),
        blank(w('应还日期', 'Due on')),
        blank(w('用途', 'Purpose'), true),
        { words: w('是否带出本单位', 'Taken outside'), options: yesNo },
        blank(w('使用地点', 'Used at')),
      ],
    },
    listOf(entries, w('归还检查', 'Checked on return')),
    sign(w('审批', 'Approval'), [departmentHead, securityOffice], true),
    sign(w('借出', 'Lent'), [w('借用人', 'Borrower'), w('经办人', 'Handled by')]),
    sign(w('归还', 'Returned'), [w('归还人', 'Returned by'), w('接收检查人', 'Received and checked by')]),
  ],
}

const repair: FormDefinition = {
  name: 'repair',
  title: w('涉密设备维修审批与记录表', 'Repair of a classified device'),
  kinds: ['computers', 'machines', 'media'],
  isList: false,
  basis: `${regulation}第二十七条；${own}`,
  notes: [
    w(
      '外部人员维修须全程旁站监督；送出维修须经保密办核准，拆下硬盘妥善保管。',
      'Outsiders are supervised throughout; before a device is sent out, the disk is removed and kept.',
    ),
  ],
  parts: ([entry]) =>
    entry === undefined
      ? []
      : [
          thing(entry),
          {
            part: 'cells',
            title: w('维修', 'Repair'),
            cells: [
              blank(w('维修原因', 'Reason'), true),
              {
                words: w('维修方式', 'Way'),
                options: [
                  w('本单位维修', 'By the unit'),
                  w('外部人员上门', 'Outsiders, on site'),
                  w('送出维修', 'Sent out'),
                ],
                isWide: true,
              },
              blank(w('送修时间', 'Sent at')),
              blank(w('送修地点', 'Sent to')),
              blank(w('维修单位', 'Company')),
              blank(w('维修人员及证件', 'Repairer, identity paper')),
              { words: w('硬盘已拆下留存', 'Disk retained'), options: yesNo },
              blank(w('硬盘保管人', 'Disk kept by')),
              {
                words: w('涉密信息处理', 'Classified data'),
                options: [w('已转存', 'Saved elsewhere'), w('已清除', 'Erased'), w('不涉及', 'None')],
                isWide: true,
              },
              blank(w('维修前状况', 'State before'), true),
              blank(w('维修内容、部件', 'Work done, parts'), true),
              blank(w('维修后状况', 'State after'), true),
              blank(w('取回时间', 'Returned at')),
              blank(w('取回检查结果', 'Found on return')),
            ],
          },
          sign(w('审批', 'Approval'), [departmentHead, securityOffice], true),
          sign(w('旁站监督与取回', 'Supervision and return'), [
            w('网络管理人员', 'Network staff'),
            w('使用人', 'User'),
            w('取回人', 'Taken back by'),
          ]),
        ],
}

const inspected: readonly Words[] = [
  w('密级标识贴于显示器左上方，与登记一致', 'Label at upper left of display, as registered'),
  w('放置于登记地点，远离窗口，屏幕不正对窗口', 'In the registered room, away from the window'),
  w('编号、硬盘序列号、网卡与登记一致', 'Number, disks, adapters as registered'),
  w('未接入互联网及其他非涉密网络，无无线模块', 'No Internet or unclassified network, no wireless'),
  w('仅使用登记的移动存储介质，无交叉使用', 'Registered media alone, no cross-use'),
  w('三合一、监控程序、防病毒软件运行并更新', 'Protection programs run and are current'),
  w('开机口令、屏保口令符合要求', 'Passwords and screen lock as required'),
  w('使用登记（工作日志）完整', 'Usage log complete'),
  w('所存文件密级不高于本机密级', 'No file above the level of the computer'),
]

const inspection: FormDefinition = {
  name: 'inspection',
  title: w('保密检查记录表', 'Secrecy inspection'),
  kinds: ['computers', 'machines', 'media', 'carriers'],
  isList: false,
  basis: `${regulation}第三十四条；${own}`,
  notes: [
    w(
      '使用保密办认可的专用检查工具，不得在涉密和非涉密计算机之间交叉使用。',
      'With an approved tool, never used on both classified and unclassified computers.',
    ),
  ],
  parts: ([entry]) =>
    entry === undefined
      ? []
      : [
          thing(entry),
          {
            part: 'cells',
            title: w('检查', 'Inspection'),
            cells: [
              blank(w('检查时间', 'Inspected at')),
              blank(w('检查地点', 'Place')),
              blank(w('检查工具编号', 'Tool number')),
              blank(w('检查部门', 'Inspecting department')),
            ],
          },
          {
            part: 'table',
            title: w('检查项目', 'Items'),
            columns: [
              { words: w('序号', 'No.'), share: 6 },
              { words: w('项目', 'Item'), share: 54 },
              { words: w('符合', 'Yes'), share: 8 },
              { words: w('不符合', 'No'), share: 9 },
              { words: w('说明', 'Remark'), share: 23 },
            ],
            rows: (entry.kind === 'computers' ? inspected : []).map(({ zh, en }, at) => [
              String(at + 1),
              `${zh}\n${en}`,
              '□',
              '□',
              '',
            ]),
            blankRows: entry.kind === 'computers' ? 1 : 8,
          },
          {
            part: 'lines',
            title: w('发现的问题及整改要求、期限', 'Findings, what to mend and by when'),
            lines: 2,
          },
          sign(w('签字', 'Signatures'), [
            w('检查人员', 'Inspector'),
            w('使用人（被检查人）', 'User (inspected)'),
            w('被检查部门负责人', 'Head of the department'),
          ]),
        ],
}

const destruction: FormDefinition = {
  name: 'destruction',
  title: w('涉密设备、载体销毁审批与登记表', 'Destruction of devices and carriers'),
  kinds: ['computers', 'machines', 'carriers', 'media'],
  isList: true,
  basis: `${law}第三十一条第（五）项、${regulation}第二十八条；${own}`,
  notes: [
    w(
      '未经专业销密，不得淘汰处理或转为他用；送指定单位（场所）销毁，确保信息无法恢复。',
      'Sanitised and destroyed at a designated place, beyond recovery.',
    ),
    w('本登记长期保存。', 'This record is kept indefinitely.'),
  ],
  parts: (entries) => [
    {
      part: 'cells',
      title: w('销毁', 'Destruction'),
      cells: [
        blank(w('销毁原因', 'Reason'), true),
        {
          words: w('销毁方式', 'Way'),
          options: [
            w('粉碎', 'Shredded'),
            w('消磁', 'Degaussed'),
            w('化浆', 'Pulped'),
            w('焚毁', 'Burnt'),
            w('其他', 'Other'),
          ],
          isWide: true,
        },
        blank(w('销毁单位、场所', 'Designated place')),
        blank(w('销毁时间', 'Destroyed at')),
        blank(w('送销人', 'Brought by')),
        blank(w('车辆、封签号', 'Vehicle, seal number')),
      ],
    },
    listOf(entries, w('清点', 'Counted')),
    sign(
      w('审批', 'Approval'),
      [departmentHead, w('保密办', 'Security office'), w('单位负责人', 'Head of the unit')],
      true,
    ),
    sign(w('销毁与监销（监销人不少于两人）', 'Destroyed before two witnesses'), [
      w('销毁执行人', 'Destroyed by'),
      w('监销人一', 'First witness'),
      w('监销人二', 'Second witness'),
    ]),
  ],
}

const handOver: FormDefinition = {
  name: 'hand-over',
  title: w('涉密设备、载体移交清单', 'Hand-over of devices and carriers'),
  kinds: ['computers', 'machines', 'carriers', 'media'],
  isList: true,
  basis: `${regulation}第二十七条；${own}`,
  notes: [
    w(
      '造册、清点、核对，双方当面签字交接。',
      'Listed, counted, compared, and signed by both sides together.',
    ),
  ],
  parts: (entries) => [
    {
      part: 'cells',
      title: w('移交', 'Hand-over'),
      cells: [
        blank(w('移交人', 'Given by')),
        blank(w('移交部门', 'Department')),
        blank(w('接收人', 'Received by')),
        blank(w('接收部门', 'Department')),
        blank(w('移交原因', 'Reason'), true),
      ],
    },
    listOf(entries, w('核对', 'Compared')),
    sign(w('签字交接', 'Signatures'), [
      w('移交人', 'Giver'),
      w('接收人', 'Receiver'),
      w('监交人', 'Witness'),
    ]),
  ],
}

export const FORMS: Readonly<Record<FormName, FormDefinition>> = {
  filing,
  loan,
  repair,
  inspection,
  destruction,
  'hand-over': handOver,
}

/** Returns a form, filled in. Entries of another kind than the form is for are a broken invariant of the caller. */
export function buildForm(
  name: FormName,
  entries: readonly FormEntry[],
  { unit, date }: { readonly unit: string; readonly date: string },
): FormContent {
  const { title, basis, notes, parts } = FORMS[name]
  return { form: name, title, unit, date, parts: parts(entries), basis, notes }
}
