import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { writeXlsx } from 'hucre/xlsx'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { FieldValues } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { openSqliteStoreHere } from '../../store/open-store.ts'
import type { Store } from '../../store/ports.ts'
import { exportTable } from '../sheets/export-table.ts'
import type { SheetPreview } from '../sheets/previews.ts'
import { readSheet } from '../sheets/spreadsheet.ts'
import { createEntriesImport, type EntriesImport } from './import-entries.ts'
import { type OpenRegisters, openRegisters } from './open-registers.ts'
import { cellText, headerOf, sheetKeys } from './sheet-values.ts'
import { registerTemplate } from './template.ts'

// Each file is read in a thread that starts for it, beside whatever else the machine does.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

type Cell = string | number | boolean | Date | null
const header = [
  '编号',
  '密级',
  '责任人',
  '部门',
  '类型',
  '联网方式',
  '硬盘序列号',
  '三合一',
  '备案日期',
  '要害部门/部位',
]
const good = (number: Cell): Cell[] => [
  ...[number, '机密', '张三', '办公室', '涉密台式机', '单机', 'WD-0001、WD 0002', '有 2026-03-01'],
  ...['2026年3月1日', '是'],
]
const by = { account: 'li', person: null }

let folder: string
let store: Store
let registers: OpenRegisters
/** The same import, with files read in this thread: of the thread of its own there is a test below. */
let imports: EntriesImport
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-entries-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  const now = () => Date.UTC(2026, 5, 1)
  registers = openRegisters({ store, now, changed: () => undefined })
  imports = createEntriesImport({ store, book: registers.book, now, read: readSheet })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

async function fileOf(rows: readonly (readonly Cell[])[], more: object = {}): Promise<Uint8Array> {
  return writeXlsx({ sheets: [{ name: '台账', rows: rows.map((row) => [...row]), ...more }] })
}
const previewOf = (bytes: Uint8Array, name = 'a.xlsx') =>
  imports.preview('computers', { name, bytes, language: 'zh' }, 'li')
const preview = async (rows: readonly (readonly Cell[])[], more: object = {}) =>
  previewOf(await fileOf(rows, more))
const confirm = ({ id }: SheetPreview) =>
  imports.confirm('computers', id, { ...by, reason: 'the paper ledger' })
const faultsOf = ({ faults }: SheetPreview) => faults.map((one) => `${one.row} ${one.column} ${one.code}`)

describe('a register’s spreadsheet', () => {
  it('adds what is new, shows what changes before and after, and changes nothing the second time', async () => {
    const rows = [header, good('JM-0001'), good('０００２'), good(null)]
    const first = await preview(rows)
    expect([faultsOf(first), first.added, first.changed, first.unchanged]).toEqual([[], 3, 0, 0])
    expect(await store.countLedger({ kind: 'computers' }, 10)).toBe(0)
    expect(await confirm(first)).toMatchObject({ added: 3, changed: 0, firstNumber: 'JM-0001' })
    expect(await store.ledgerEntry('computers', '0002')).toMatchObject({
      ...{ state: 'applied', level: 'secret', custodian: '张三' },
      fields: {
        ...{ networkMode: 'standalone', kind: 'desktop', filedOn: '2026-03-01', keyLocation: true },
        ...{ diskSerials: ['WD-0001', 'WD 0002'], threeInOne: { is: 'present', date: '2026-03-01' } },
      },
    })
    const again = await preview(rows)
    expect([again.added, again.changed, again.unchanged]).toEqual([0, 0, 3])
    const moved = await preview([header, good('jm-0001').with(3, '机要室').with(9, '否')])
    expect(moved.sample).toEqual([
      {
        ...{ row: 2, number: 'JM-0001', act: 'change' },
        cells: [
          { column: '部门', before: '办公室', after: '机要室' },
          { column: '要害部门/部位', before: '是', after: '否' },
        ],
      },
    ])
    expect(await confirm(moved)).toMatchObject({ added: 0, changed: 1 })
    const [event] = await store.ledgerHistory('computers', 'JM-0001', 1)
    expect(event).toMatchObject({ kind: 'imported', reason: 'imported from a.xlsx: the paper ledger' })
    // A column that the file lacks is left alone.
    const narrow = await preview([
      ['编号', '品牌'],
      ['JM-0001', '联想'],
    ])
    await confirm(narrow)
    expect(await store.ledgerEntry('computers', 'JM-0001')).toMatchObject({
      department: '机要室',
      fields: { brand: '联想', kind: 'desktop' },
    })
  })

  it('writes nothing at all where one row was changed meanwhile, or a number was taken', async () => {
    const both = await preview([header, good('T-1'), good('JM-0001').with(3, '资料室')])
    const row = await store.ledgerEntry('computers', 'JM-0001')
    if (row === null) throw new Error('the entry is gone')
    const { level, department, fields } = row
    const details = { level, department, custodian: '李四', fields: fields as FieldValues }
    await registers.book.change(
      'computers',
      'JM-0001',
      { ...details, baseVersion: row.version, reason: 'handed on' },
      by,
    )
    await expect(confirm(both)).rejects.toMatchObject({ code: 'edit-conflict' })
    expect(await store.ledgerEntry('computers', 'T-1')).toBeNull()
    const twice = await preview([header, good('T-2'), good('T-3')])
    const other = await preview([header, good('T-3')])
    await confirm(other)
    await expect(confirm(twice)).rejects.toMatchObject({ code: 'number-taken' })
    expect(await store.ledgerEntry('computers', 'T-2')).toBeNull()
  })

  it('names every cell that may not be as it is', async () => {
    const rows = [header, ...Array.from({ length: 12 }, (_, at) => good(`F-${at}`))]
    const set = (row: number, column: number, value: Cell) => void ((rows[row - 1] ?? [])[column] = value)
    set(2, 0, 12)
    set(3, 1, '机蜜')
    set(4, 8, 46_387)
    set(5, 6, 1.2e20)
    set(6, 0, 'F-5')
    set(7, 0, 'f-5')
    set(8, 4, '大型机')
    set(9, 7, '也许')
    set(10, 9, '可能')
    set(11, 2, `张${String.fromCodePoint(0x202e)}三`)
    const cells = new Map([['11,3', { value: '办公室', type: 'formula', formula: '"办公"&"室"' }]])
    const merges = [{ startRow: 11, startCol: 4, endRow: 12, endCol: 4 }]
    const done = await preview(rows, { cells, merges })
    expect(faultsOf(done)).toEqual([
      '2 编号 lost-zeros',
      '3 密级 unknown-level',
      '4 备案日期 not-a-date',
      '5 硬盘序列号 lost-zeros',
      '7 编号 number-twice',
      '8 类型 not-a-choice',
      '9 三合一 not-a-presence',
      '10 要害部门/部位 not-a-flag',
      '11 责任人 control-characters',
      '12 部门 formula',
      '13 类型 merged',
    ])
    await expect(confirm(done)).rejects.toMatchObject({ code: 'spreadsheet-refused' })
  })

  it('does not change levels, states or what is closed, and says who does', async () => {
    const done = await preview([
      [...header, '状态'],
      [...good('JM-0001').with(1, '绝密'), '在用'],
    ])
    expect(faultsOf(done)).toEqual(['2 状态 state-by-step', '2 密级 level-by-officer'])
  })

  it('takes dates of a sheet, refuses a missing column once, and tells what is hidden', async () => {
    const rowDefs = new Map([[1, { hidden: true }]])
    const bytes = await writeXlsx({
      sheets: [
        { name: '旧', rows: [['x']], hidden: true },
        {
          name: '台账',
          rows: [header, good('D-1').with(8, new Date(Date.UTC(2026, 2, 1)) as Cell)].map((row) => [...row]),
          rowDefs,
        },
        { name: '说明', rows: [['y']] },
      ],
    })
    const done = await previewOf(bytes)
    expect(faultsOf(done)).toEqual([])
    expect(done.notes).toMatchObject({ sheet: '台账', hiddenRows: 1, otherSheets: 2, hiddenSheets: 1 })
    expect(done.sample[0]?.cells).toContainEqual({ column: '备案日期', before: null, after: '2026-03-01' })
    const narrow = await preview([
      ['编号', '密级', '责任人', '部门', '类型'],
      ['D-2', '机密', '张三', '办公室', '涉密台式机'],
      ['D-3', '机密', '张三', '办公室', '涉密台式机'],
    ])
    expect(faultsOf(narrow)).toEqual(['1 联网方式 missing-column'])
  })

  it('may be CSV in GBK, in UTF-8 with its mark, or in UTF-16: leading zeros stay, formulas do not', async () => {
    const lines = `编号,密级,责任人,部门,类型,联网方式\r\n"0099",机密,张三,办公室,涉密台式机,单机\r\n`
    // 编号,密级,责任人,部门,类型,联网方式 / 0099,机密,张三,办公室,涉密台式机,单机 — as GBK has it.
    const gbk = Buffer.from(
      'b1e0bac52cc3dcbcb62cd4f0c8cec8cb2cb2bfc3c52cc0e0d0cd2cc1aacdf8b7bdcabd0d0a303039392cbbfac3dc2cd5c5c8fd2cb0ecb9abcad22cc9e6c3dccca8cabdbbfa2cb5a5bbfa0d0a',
      'hex',
    )
    const files = [
      [gbk, 'GB 18030'],
      [Buffer.from(`\uFEFF${lines}`), 'UTF-8'],
      [Buffer.from(lines), 'UTF-8'],
      [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(lines, 'utf16le')]), 'UTF-16'],
    ] as const
    for (const [bytes, encoding] of files) {
      const done = await previewOf(bytes, 'a.csv')
      expect([faultsOf(done), done.notes.encoding, done.sample[0]?.number]).toEqual([[], encoding, '0099'])
      expect(done.sample[0]?.cells.find(({ column }) => column === '责任人')?.after).toBe('张三')
    }
    const formula = await previewOf(Buffer.from(lines.replace('张三', '=A1')), 'a.csv')
    expect(faultsOf(formula)).toEqual(['2 责任人 formula'])
    await expect(previewOf(Buffer.from([0x81, 0x20, 0xff, 0xff]), 'a.csv')).rejects.toMatchObject({
      code: 'spreadsheet-refused',
    })
  })
})

it('reads a file in a thread of its own, and its template has nothing to import', async () => {
  const bytes = await registerTemplate(kindOf('computers'), 'zh')
  const asked = { name: 't.xlsx', bytes, language: 'zh' as const }
  await expect(registers.imports.preview('computers', asked, 'li')).rejects.toThrow(/no row below its header/)
})

it('what is exported is imported again without a change, also cells that look like formulas', async () => {
  const kind = kindOf('computers')
  const odd = ['=1+1', '+86 10', '-', '@home', "'=x", '\t=1', '＝1+1', '－', 'a;=1+1']
  const rows = odd.map((brand, at) => [`X-${at}`, '机密', '张三', '办公室', '涉密台式机', '单机', brand])
  const wide = ['编号', '密级', '责任人', '部门', '类型', '联网方式', '品牌']
  // As an export writes them: what looks like a formula has its apostrophe.
  const first = await preview([wide, ...rows.map((row) => row.with(6, `'${row[6]}`))])
  expect(faultsOf(first)).toEqual([])
  await confirm(first)
  expect(await store.ledgerEntry('computers', 'X-0')).toMatchObject({ fields: { brand: '=1+1' } })
  const { entries } = await store.ledgerEntries({
    filter: { kind: 'computers' },
    ...{ sort: 'number', isDescending: false, limit: 100 },
  })
  for (const language of ['zh', 'en'] as const) {
    for (const format of ['xlsx', 'csv'] as const) {
      const columns = sheetKeys(kind).map((key) => ({
        ...{ key, header: headerOf(kind, key)[language] },
        text: (row: (typeof entries)[number]) => cellText(kind, row as never, key, language),
      }))
      async function* pages() {
        yield await Promise.resolve(entries)
      }
      const stream = exportTable(format, { name: 'x', columns, pages: pages() })
      const bytes = format === 'csv' ? Buffer.from(await text(stream)) : Buffer.concat(await stream.toArray())
      if (format === 'csv')
        expect(bytes.toString()).not.toMatch(/(?:^|,|")[=+@＝＋＠－-]|^(?:[^"]*"[^"]*")*[^"]*;=/m)
      const done = await previewOf(bytes, `a.${format}`)
      expect([language, format, faultsOf(done)]).toEqual([language, format, []])
      expect([done.added, done.changed, done.unchanged]).toEqual([0, 0, entries.length])
    }
  }
})

it('looks once at which computers its rows are, however many rows it has', async () => {
  let looks = 0
  const counting = new Proxy(store, {
    get: (target, method) => {
      if (method === 'computers') looks += 1
      return Reflect.get(target, method) as unknown
    },
  })
  const { book } = openRegisters({ store: counting, now: () => 1, changed: () => undefined })
  const rows = ['Q-1', 'Q-2', 'Q-3'].map((number) => ({
    ...{ number, level: 'secret' as const, department: '办公室', custodian: '王五', state: 'applied' },
    fields: { kind: 'desktop', networkMode: 'standalone' },
  }))
  expect(await book.importAll('computers', rows, 'the paper ledger', by)).toHaveLength(3)
  expect(looks).toBe(1)
})
