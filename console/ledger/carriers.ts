/** The register of paper and other carriers: documents, discs of record, tapes, models; each copy has an owner at every moment. */

import { coreWords, day, link, text, w } from './field-words.ts'
import type { Field, Kind } from './fields.ts'

const groups = [
  { key: 'what', words: w('载体', 'Carrier') },
  { key: 'ways', words: w('收发', 'Received and sent') },
  { key: 'end', words: w('清退与销毁', 'Return and destruction') },
] as const

const fields: readonly Field[] = [
  { ...text('name', w('名称', 'Name'), 200), group: 'what', requiredIn: 'always' },
  {
    key: 'kind',
    type: 'choice',
    words: w('类型', 'Kind'),
    group: 'what',
    requiredIn: 'always',
    options: [
      { value: 'paper', words: w('纸介质', 'Paper') },
      { value: 'optical', words: w('光盘', 'Optical disc') },
      { value: 'audio-video', words: w('录音录像带', 'Audio or video tape') },
      { value: 'photo', words: w('照片底片', 'Photograph or film') },
      { value: 'object', words: w('密品', 'Secret object') },
      { value: 'other', words: w('其他', 'Other') },
    ],
  },
  { ...text('documentNumber', w('文号', 'Document number'), 100), isCode: true, group: 'what' },
  {
    key: 'copies',
    type: 'count',
    min: 1,
    max: 100_000,
    words: w('份数', 'Copies'),
    group: 'what',
    requiredIn: 'always',
  },
  { key: 'pages', type: 'count', min: 1, max: 1_000_000, words: w('页数', 'Pages'), group: 'what' },
  { ...text('copyNumbers', w('份号', 'Copy numbers'), 200), group: 'what' },
  { ...text('secrecyTerm', w('保密期限', 'Secrecy term'), 100), group: 'what' },
  { ...text('needToKnow', w('知悉范围', 'Need-to-know scope'), 500), isLong: true, group: 'what' },
  {
    ...link('custodianEntry', w('责任人(人员登记)', 'Custodian (people register)'), 'people', 1),
    group: 'what',
  },
  { ...text('place', w('存放地点', 'Kept at'), 100), group: 'what' },
  { ...day('receivedOn', w('收到日期', 'Received on')), group: 'ways' },
  { ...text('receivedFrom', w('来文单位', 'Received from'), 200), group: 'ways' },
  { ...day('sentOn', w('发出日期', 'Sent on')), group: 'ways', requiredIn: ['sent'] },
  { ...text('sentTo', w('发往单位', 'Sent to'), 200), group: 'ways', requiredIn: ['sent'] },
  { ...text('sentBy', w('发送方式', 'Sent by'), 100), group: 'ways' },
  {
    ...day('endedOn', w('清退/销毁日期', 'Returned or destroyed on')),
    group: 'end',
    requiredIn: ['returned', 'destroyed'],
  },
  { ...text('endPaper', w('清退/销毁凭证', 'Paper of return or destruction'), 100), group: 'end' },
  { ...text('note', w('备注', 'Note'), 500), isLong: true, group: 'end' },
]

/** States in which somebody has it in hand: another custodian is then a hand-over with two signatures. */
export const IN_HAND_STATES: ReadonlySet<string> = new Set(['held', 'archived', 'to-destroy'])

export const CARRIERS: Kind = {
  name: 'carriers',
  words: w('涉密载体', 'Paper and other carriers'),
  one: w('载体', 'carrier'),
  coreWords,
  groups,
  fields,
  states: [
    {
      key: 'held',
      words: w('在管', 'Held'),
      steps: [
        { to: 'sent', needs: ['sentOn', 'sentTo'], asks: ['sentOn', 'sentTo', 'sentBy'] },
        { to: 'archived', needs: [], asks: ['place'] },
        { to: 'returned', needs: ['endedOn'], asks: ['endedOn', 'endPaper'] },
        { to: 'missing', needs: [], asks: [] },
        { to: 'to-destroy', needs: [], asks: [] },
      ],
    },
    {
      key: 'sent',
      words: w('已发出', 'Sent'),
      steps: [
        { to: 'held', needs: [], asks: ['receivedOn', 'receivedFrom'] },
        { to: 'returned', needs: ['endedOn'], asks: ['endedOn', 'endPaper'] },
        { to: 'missing', needs: [], asks: [] },
      ],
    },
    {
      key: 'archived',
      words: w('已归档', 'Archived'),
      steps: [
        { to: 'held', needs: [], asks: ['place'] },
        { to: 'to-destroy', needs: [], asks: [] },
        { to: 'missing', needs: [], asks: [] },
      ],
    },
    { key: 'missing', words: w('下落不明', 'Missing'), steps: [{ to: 'held', needs: [], asks: [] }] },
    {
      key: 'to-destroy',
      words: w('待销毁', 'To be destroyed'),
      steps: [
        { to: 'destroyed', needs: ['endedOn', 'endPaper'], asks: ['endedOn', 'endPaper'] },
        { to: 'held', needs: [], asks: [] },
      ],
    },
    { key: 'returned', words: w('已清退', 'Returned'), steps: [], isClosed: true },
    { key: 'destroyed', words: w('已销毁', 'Destroyed'), steps: [], isClosed: true },
  ],
  pattern: 'ZT-{year}-{seq:4}',
  levels: ['internal', 'confidential', 'secret', 'top-secret'],
  custodian: 'person',
  listed: ['name', 'kind', 'copies', 'receivedOn'],
  columns: [
    { key: 'number', words: w('编号', 'Number') },
    { key: 'name', words: w('名称', 'Name') },
    { key: 'documentNumber', words: w('文号', 'Document number') },
    { key: 'level', words: w('密级', 'Level') },
    { key: 'secrecyTerm', words: w('保密期限', 'Secrecy term') },
    { key: 'kind', words: w('类型', 'Kind') },
    { key: 'copies', words: w('数量', 'Copies') },
    { key: 'copyNumbers', words: w('份号', 'Copy numbers') },
    { key: 'pages', words: w('页数', 'Pages') },
    { key: 'receivedOn', words: w('收到日期', 'Received on') },
    { key: 'receivedFrom', words: w('来文单位', 'Received from') },
    { key: 'sentOn', words: w('发出日期', 'Sent on') },
    { key: 'sentTo', words: w('发往单位', 'Sent to') },
    { key: 'custodian', words: w('责任人', 'Custodian') },
    { key: 'department', words: w('部门', 'Department') },
    { key: 'place', words: w('存放地点', 'Kept at') },
    { key: 'needToKnow', words: w('知悉范围', 'Need-to-know scope') },
    { key: 'state', words: w('状态', 'State') },
    { key: 'note', words: w('备注', 'Note') },
  ],
}
