import { deflateRawSync } from 'node:zlib'
import { writeXlsx } from 'hucre/xlsx'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SHEET_LIMITS } from '../sheets/limits.ts'
import type { SheetPreview } from '../sheets/previews.ts'
import { openTestMedia, type TestMedia } from './test-media.ts'

// Each file is read in a thread that starts for it, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000 })

type Cell = string | number | boolean | Date | null

let test: TestMedia
beforeEach(async () => {
  test = await openTestMedia()
})
afterEach(() => test[Symbol.asyncDispose]())

const header = ['编号', '密级', '类型', '责任人', '部门', '使用计算机', '权限', '有效期', '备注']
const good = (number: Cell): Cell[] => [
  ...[number, '机密', 'U盘', '张三', '办公室', 'JM-0231、JM-0232', '读写', '2027-12-31', '批次 7'],
]

async function fileOf(rows: readonly (readonly Cell[])[], more: object = {}): Promise<Uint8Array> {
  return writeXlsx({ sheets: [{ name: '台账', rows: rows.map((row) => [...row]), ...more }] })
}

async function preview(rows: readonly (readonly Cell[])[], more: object = {}): Promise<SheetPreview> {
  const file = { name: '台账.xlsx', bytes: await fileOf(rows, more) }
  return test.media.imports.preview(file, 'li')
}

const faultsOf = ({ faults }: SheetPreview) =>
  faults.map(({ row, column, value, code }) => `${row} ${column} ${value} ${code}`)

describe('a spreadsheet of ten thousand media', () => {
  const count = 10_000
  const bad = new Map<number, readonly [column: number, value: Cell, code: string]>(
    Array.from({ length: 37 }, (_, at) => {
      const row = 5 + at * 270
      const kinds = [
        [1, '绝对机密', 'unknown-level'],
        [3, '', 'missing'],
        [5, 'JM-0404', 'unknown-computer'],
        [7, '明年年底', 'not-a-date'],
        [6, '随便', 'unknown-right'],
        [0, 'YM-00001', 'number-twice'],
        [8, 'x'.repeat(32_000), 'too-long'],
      ] as const
      return [row, kinds[at % kinds.length] ?? kinds[0]] as const
    }),
  )
  const rowsWith = (faults: typeof bad): Cell[][] => [
    header,
    ...Array.from({ length: count }, (_, at) => {
      const cells = good(`YM-${String(at).padStart(5, '0')}`)
      const fault = faults.get(at)
      if (fault !== undefined) cells[fault[0]] = fault[1]
      return cells
    }),
  ]

  it('shows all 37 bad rows and writes nothing; mended, registers all of them at once', async () => {
    const faulty = await preview(rowsWith(bad))
    expect([faulty.rows, faulty.badRows, faulty.faults.length]).toEqual([count, 37, 37])
    expect(faulty.faults.map(({ row, code }) => [row, code])).toEqual(
      [...bad].map(([at, [, , code]]) => [at + 2, code]),
    )
    await expect(
      test.media.imports.confirm(faulty.id, { account: 'li', reason: 'the new batch' }),
    ).rejects.toMatchObject({
      code: 'spreadsheet-refused',
    })
    expect(await test.store.countMedia({})).toBe(0)

    const started = performance.now()
    const mended = await preview(rowsWith(new Map()))
    expect(mended.faults).toEqual([])
    const done = await test.media.imports.confirm(mended.id, { account: 'li', reason: 'the new batch' })
    const tookMs = performance.now() - started
    expect(done).toEqual({
      added: count,
      changed: 0,
      unchanged: 0,
      firstNumber: 'YM-00000',
      lastNumber: 'YM-09999',
    })
    expect(await test.store.countMedia({ levels: ['secret'], computer: 'JM-0232' })).toBe(count)
    expect(tookMs).toBeLessThan(30_000)
    // Nothing is known of them that a computer could recognise them by.
    await test.media.policies.settle()
    expect((await test.policy('agent-1')).version).toBe(1)
    const [event] = await test.store.mediumHistory('YM-00042', 1)
    expect(event).toMatchObject({
      kind: 'registered',
      account: 'li',
      reason: 'imported from 台账.xlsx: the new batch',
    })
  }, 90_000)
})

describe('a cell', () => {
  it('is understood in Chinese and English, in full width and in any date that is one', async () => {
    const done = await preview([
      [
        'Number',
        'LEVEL',
        'Type',
        'Custodian',
        'Department',
        'Computers',
        'Rights',
        '启用日期',
        'Valid until',
      ],
      [
        'ＹＭ－１',
        'Top Secret',
        '移动硬盘',
        'Li',
        'HQ',
        'all',
        '只读',
        20260101,
        new Date(Date.UTC(2027, 11, 31)),
      ],
      ['YM-2', '内部', 'SD卡', 'Li', 'HQ', 'jm-0231'.toUpperCase(), 'RW', '2026/1/1', '2027年12月31日'],
    ])
    expect(faultsOf(done)).toEqual([])
    await test.media.imports.confirm(done.id, { account: 'li', reason: 'the new batch' })
    const until = new Date(2028, 0, 1).getTime() - 1
    const from = new Date(2026, 0, 1).getTime()
    expect(await test.store.medium('YM-1')).toMatchObject({
      ...{ level: 'top-secret', kind: 'portable-disk', computers: null, right: 'read-only' },
      ...{ validFromMs: from, validUntilMs: until },
    })
    expect(await test.store.medium('YM-2')).toMatchObject({
      ...{ level: 'internal', kind: 'memory-card', computers: ['JM-0231'], right: 'read-write' },
      ...{ validFromMs: from, validUntilMs: until },
    })
  })

  it('is data, whatever it holds', async () => {
    const row = good('YM-1')
    const second = good('YM-2')
    row[3] = '<script>alert(1)</script>'
    row[8] = "'; drop table media; --"
    second[3] = '=HYPERLINK("http://evil")'
    const done = await preview([header, row, second])
    expect(faultsOf(done)).toEqual([])
    await test.media.imports.confirm(done.id, { account: 'li', reason: 'the new batch' })
    expect(await test.store.medium('YM-1')).toMatchObject({ custodian: row[3], note: row[8] })
    expect(await test.store.medium('YM-2')).toMatchObject({ custodian: second[3] })
  })

  it('that is a formula, a bare date number, merged, of another kind or hides characters is a fault', async () => {
    const rows = [header, good('YM-1'), good('YM-2'), good('YM-3'), good('YM-4'), good('YM-5')]
    const at = (row: number, column: number, value: Cell): void => void ((rows[row] ?? [])[column] = value)
    at(1, 7, 46_387)
    at(2, 3, true)
    at(3, 3, `张三${String.fromCodePoint(0x202e)}`)
    at(4, 4, new Date(Date.UTC(2026, 4, 1)))
    const cells = new Map([['5,1', { value: '机密', type: 'formula', formula: '"机"&"密"' }]])
    const merges = [{ startRow: 4, startCol: 6, endRow: 5, endCol: 6 }]
    const done = await preview(rows, { cells, merges })
    expect(faultsOf(done)).toEqual([
      '2 有效期 46387 not-a-date',
      '3 责任人 TRUE not-text',
      `4 责任人 张三${String.fromCodePoint(0x202e)} control-characters`,
      '5 部门 2026-05-01 not-text',
      '6 密级 ="机"&"密" formula',
      '6 权限  merged',
    ])
  })

  it('below no header, or below one that is not known, is not passed over', async () => {
    const done = await preview([
      [...header, null, '密级(新)'],
      [...good('YM-1'), 'x', null],
      [...good('YM-2'), null, '绝密'],
    ])
    expect(faultsOf(done)).toEqual(['1 密级(新) 密级(新) unknown-column', '2 J x unknown-column'])
  })

  it('that every row needs may not be left out, nor its column', async () => {
    const done = await preview([
      ['编号', '密级', '密级', '责任人', '部门', '权限'],
      ['YM-1', '机密', '绝密', null, '办公室', '只读'],
    ])
    expect(faultsOf(done)).toEqual([
      '1 密级 密级 column-twice',
      '1 类型 类型 missing-column',
      '1 使用计算机 使用计算机 missing-column',
      '2 责任人  missing',
    ])
  })

  it('with a number that is registered, or that no label can carry, is a fault', async () => {
    const first = await preview([header, good('YM-1'), good(null)])
    const done = await test.media.imports.confirm(first.id, { account: 'li', reason: 'the new batch' })
    expect(done).toEqual({ added: 2, changed: 0, unchanged: 0, firstNumber: 'YM-1', lastNumber: 'YM-0001' })
    const again = await preview([header, good('ym-1').with(3, '李四'), good('YM 2'), good('-3')])
    expect(faultsOf(again)).toEqual([
      '2 编号 YM-1 number-taken',
      '3 编号 YM 2 bad-number',
      '4 编号 -3 bad-number',
    ])
  })
})

describe('a file that was imported', () => {
  it('changes nothing when it comes again, also rows whose number the console gave', async () => {
    const rows = [header, good('YM-1'), good(null), good(null), good('0012')]
    const first = await preview(rows)
    await test.media.imports.confirm(first.id, { account: 'li', reason: 'the new batch' })
    const again = await preview(rows)
    expect([again.added, again.changed, again.unchanged, again.faults]).toEqual([0, 0, 4, []])
    const done = await test.media.imports.confirm(again.id, { account: 'li', reason: 'once more' })
    expect(done).toMatchObject({ added: 0, changed: 0, unchanged: 4 })
    expect(await test.store.countMedia({})).toBe(4)
    const more = await preview([...rows, good(null)])
    expect([more.added, more.unchanged]).toEqual([1, 4])
  })

  it('with a number that lost its zeros is refused at that cell', async () => {
    expect(faultsOf(await preview([header, good(12)]))).toEqual(['2 编号 12 lost-zeros'])
  })
})

describe('a preview', () => {
  it('is confirmed by the account that saw it, once, and in time', async () => {
    const { id } = await preview([header, good('YM-1')])
    await expect(
      test.media.imports.confirm(id, { account: 'wu', reason: 'the new batch' }),
    ).rejects.toMatchObject({ code: 'not-found' })
    await test.media.imports.confirm(id, { account: 'li', reason: 'the new batch' })
    await expect(
      test.media.imports.confirm(id, { account: 'li', reason: 'the new batch' }),
    ).rejects.toMatchObject({ code: 'not-found' })
    const late = await preview([header, good('YM-2')])
    test.clock.now += SHEET_LIMITS.previewMs
    await expect(
      test.media.imports.confirm(late.id, { account: 'li', reason: 'the new batch' }),
    ).rejects.toMatchObject({ code: 'not-found' })
  })

  it('of which a number was taken meanwhile writes nothing at all', async () => {
    const { id } = await preview([header, good('YM-1'), good('YM-2')])
    const other = await preview([header, good('YM-2')])
    await test.media.imports.confirm(other.id, { account: 'li', reason: 'the new batch' })
    await expect(test.media.imports.confirm(id, { account: 'li', reason: 'the new batch' })).rejects.toThrow(
      /YM-2 is taken/,
    )
    expect(await test.store.countMedia({})).toBe(1)
  })

  it('takes the template as it is given out', async () => {
    const bytes = await test.media.imports.template()
    await expect(test.media.imports.preview({ name: 't.xlsx', bytes }, 'li')).rejects.toThrow(
      /no row below its header/,
    )
  })
})

describe('a file', () => {
  const refuse = (bytes: Uint8Array) => test.media.imports.preview({ name: 'x.xlsx', bytes }, 'li')

  it('that is none, cut short, or has something behind its end is refused', async () => {
    const whole = await fileOf([header, good('YM-1')])
    const files = [
      Buffer.from(''),
      Buffer.from('PK\x03\x04 and nothing more'),
      Buffer.from(whole).subarray(0, whole.length - 30),
      Buffer.concat([whole, Buffer.from('x')]),
    ]
    for (const bytes of files)
      await expect(refuse(bytes)).rejects.toMatchObject({ code: 'spreadsheet-refused' })
  })

  it('that unpacks into more than anybody needs is refused before it is unpacked', async () => {
    const bomb = (declared: number | null): Buffer =>
      zipOf('[Content_Types].xml', Buffer.alloc(200_000_000), declared)
    const [honest, lying, silent] = [bomb(null), bomb(1_000), bomb(0)]
    expect(honest.length).toBeLessThan(SHEET_LIMITS.bytesMax)
    const before = process.memoryUsage().rss
    for (const file of [honest, lying, silent])
      await expect(refuse(file)).rejects.toMatchObject({ code: 'spreadsheet-refused' })
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  })

  it('of which one far cell makes a table without end is refused', async () => {
    const far = { cells: new Map([['1048000,3', { value: 'x', type: 'string' }]]) }
    await expect(preview([header, good('YM-1')], far)).rejects.toMatchObject({ code: 'spreadsheet-refused' })
  }, 60_000)

  it('with more columns than a register has is refused', async () => {
    const wide = Array.from({ length: 70 }, (_, at) => `c${at}`)
    await expect(preview([wide, wide])).rejects.toThrow(/column 70/)
  })
})

/** An archive of one entry; `declared` is the size that it claims to unpack into, null the true one. */
function zipOf(name: string, content: Buffer, declared: number | null): Buffer {
  const packed = deflateRawSync(content)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50)
  const size = declared ?? content.length
  for (const [part, at] of [
    [local, 8],
    [entry, 10],
  ] as const) {
    part.writeUInt16LE(8, at)
    part.writeUInt32LE(packed.length, at + 10)
    part.writeUInt32LE(size, at + 14)
    part.writeUInt16LE(name.length, at + 18)
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(46 + name.length, 12)
  end.writeUInt32LE(30 + name.length + packed.length, 16)
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end])
}
