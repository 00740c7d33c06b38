/**
 * The register of people. Of a person stands here what the rules ask for, and nothing else: no identity number, no birth, no
 * address, no telephone.
 */
import type { Level } from '@shoukou/protocol/levels.ts'
import { coreWords, day, flag, text, w } from './field-words.ts'
import type { Field, FieldValues, Kind } from './fields.ts'

const groups = [
  { key: 'post', words: w('岗位', 'Post') },
  { key: 'duty', words: w('培训与承诺', 'Training and undertakings') },
  { key: 'officer', words: w('定密责任人', 'Classification officer') },
  { key: 'end', words: w('离岗与脱密', 'Leaving and cooling-off') },
] as const

export const TIERS = ['none', 'general', 'important', 'core'] as const
export type Tier = (typeof TIERS)[number]

/** The level up to which each tier may be given something; the tiers are those of the law on people in classified posts. */
export const TIER_LEVELS: Readonly<Record<Tier, Level>> = {
  none: 'internal',
  general: 'confidential',
  important: 'secret',
  core: 'top-secret',
}

const serving = ['on-post'] as const

const fields: readonly Field[] = [
  { ...text('name', w('姓名', 'Name'), 100), group: 'post', requiredIn: 'always' },
  {
    key: 'tier',
    type: 'choice',
    words: w('涉密等级', 'Clearance tier'),
    group: 'post',
    requiredIn: 'always',
    options: [
      { value: 'none', words: w('非涉密', 'None') },
      { value: 'general', words: w('一般涉密人员', 'General') },
      { value: 'important', words: w('重要涉密人员', 'Important') },
      { value: 'core', words: w('核心涉密人员', 'Core') },
    ],
    hint: w('一人多岗的,按涉密等级最高的确定', 'Of several posts, the highest tier counts'),
  },
  { ...text('post', w('岗位', 'Post'), 100), group: 'post', requiredIn: serving },
  {
    ...flag('isTemporary', w('临时聘用人员', 'Temporary staff')),
    group: 'post',
    hint: w('不得安排在涉密岗位', 'May hold no classified post'),
  },
  { ...day('onPostSince', w('上岗日期', 'On post since')), group: 'post' },
  { ...text('account', w('操作系统账户', 'Operating-system accounts'), 200), isCode: true, group: 'post' },
  {
    key: 'trainedOn',
    type: 'list',
    words: w('保密培训日期', 'Trained on'),
    group: 'duty',
    max: 10,
    itemsMax: 40,
    form: 'day',
    hint: w('每行一个日期,如 2026-03-01', 'One date a line, as 2026-03-01'),
  },
  { ...day('undertakingOn', w('保密承诺书签订日期', 'Undertaking signed on')), group: 'duty' },
  { ...day('dutyLetterOn', w('保密责任状签订日期', 'Letter of responsibility signed on')), group: 'duty' },
  { ...text('officerPaper', w('指定文号', 'Document of appointment'), 100), group: 'officer' },
  { ...day('leftOn', w('批准离岗日期', 'Leaving approved on')), group: 'end', requiredIn: ['cooling-off'] },
  {
    ...day('coolingOffUntil', w('脱密期至', 'Cooling-off until')),
    group: 'end',
    requiredIn: ['cooling-off'],
  },
  { ...day('departedOn', w('离职日期', 'Departed on')), group: 'end', requiredIn: ['departed'] },
  { ...text('note', w('备注', 'Note'), 500), isLong: true, group: 'end' },
]

export const PEOPLE: Kind = {
  name: 'people',
  words: w('人员', 'People'),
  one: w('人员', 'person'),
  coreWords: {
    ...coreWords,
    number: w('人员编号', 'Staff number'),
    level: w('可定最高密级', 'Highest level they may set'),
    custodian: w('姓名', 'Name'),
  },
  groups,
  fields,
  states: [
    {
      key: 'proposed',
      words: w('拟任', 'Proposed'),
      steps: [
        { to: 'on-post', needs: ['department', 'post'], asks: ['onPostSince', 'undertakingOn'] },
        { to: 'departed', needs: ['departedOn'], asks: ['departedOn'] },
      ],
    },
    {
      key: 'on-post',
      words: w('在岗', 'On post'),
      steps: [
        { to: 'cooling-off', needs: ['leftOn', 'coolingOffUntil'], asks: ['leftOn', 'coolingOffUntil'] },
        {
          to: 'departed',
          needs: ['departedOn'],
          asks: ['departedOn', 'leftOn', 'coolingOffUntil'],
        },
      ],
    },
    {
      key: 'cooling-off',
      words: w('脱密期', 'Cooling off'),
      steps: [
        { to: 'on-post', needs: [], asks: ['onPostSince'] },
        { to: 'departed', needs: ['departedOn'], asks: ['departedOn'] },
      ],
    },
    { key: 'departed', words: w('已离职', 'Departed'), steps: [], isClosed: true },
  ],
  pattern: 'RY-{seq:4}',
  // Of a classification officer the highest level that they may set; nobody else has one.
  levels: [null, 'internal', 'confidential', 'secret', 'top-secret'],
  custodian: 'self',
  listed: ['tier', 'post', 'undertakingOn'],
  columns: [
    { key: 'number', words: w('人员编号', 'Staff number') },
    { key: 'name', words: w('姓名', 'Name') },
    { key: 'department', words: w('部门', 'Department') },
    { key: 'post', words: w('岗位', 'Post') },
    { key: 'tier', words: w('涉密等级', 'Clearance tier') },
    { key: 'isTemporary', words: w('临时聘用', 'Temporary') },
    { key: 'onPostSince', words: w('上岗日期', 'On post since') },
    { key: 'trainedOn', words: w('保密培训日期', 'Trained on') },
    { key: 'undertakingOn', words: w('承诺书日期', 'Undertaking signed on') },
    { key: 'dutyLetterOn', words: w('责任状日期', 'Letter of responsibility') },
    { key: 'level', words: w('可定最高密级', 'Highest level') },
    { key: 'leftOn', words: w('批准离岗日期', 'Leaving approved on') },
    { key: 'coolingOffUntil', words: w('脱密期至', 'Cooling-off until') },
    { key: 'departedOn', words: w('离职日期', 'Departed on') },
    { key: 'state', words: w('状态', 'State') },
    { key: 'note', words: w('备注', 'Note') },
  ],
}

/** Returns the tier that stands in a person's fields. */
export function tierOf(of: FieldValues): Tier {
  return TIERS.find((one) => one === of['tier']) ?? 'none'
}
