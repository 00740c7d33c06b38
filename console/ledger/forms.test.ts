import { describe, expect, it } from 'vitest'
import { COMPUTERS } from './computers.ts'
import { FORM_NAMES, type FormContent, type FormEntry } from './form-parts.ts'
import { buildForm, FORMS } from './forms.ts'
import { formEntryOf, officeDay, sourceOfEntry, sourceOfMedium } from './print-entry.ts'

const computer: FormEntry = formEntryOf(
  sourceOfEntry(
    { ...COMPUTERS, name: 'computers' },
    {
      number: 'JM-0001',
      level: 'secret',
      department: '办公室',
      custodian: '保管员甲',
      state: 'in-use',
      fields: {
        kind: 'desktop',
        networkMode: 'standalone',
        brand: '品牌',
        model: 'M1',
        room: '301',
        diskSerials: ['D1', 'D2'],
        osInstalledOn: '2026-03-01',
        threeInOne: { is: 'present', date: '2026-03-02' },
        jammer: { is: 'not-needed', date: null },
        keyLocation: true,
      },
    },
  ),
)
const about = { unit: '某单位', date: '2026年3月1日' }
const build = (name: (typeof FORM_NAMES)[number], entries: readonly FormEntry[] = [computer]) =>
  buildForm(name, entries, about)

function places(content: FormContent): readonly string[][] {
  return content.parts.flatMap((part) =>
    part.part === 'signatures' ? [part.places.map(({ zh }) => zh)] : [],
  )
}

function valueIn(content: FormContent, zh: string): string | null | undefined {
  const cells = content.parts.flatMap((part) => (part.part === 'cells' ? part.cells : []))
  const cell = cells.find(({ words }) => words.zh === zh)
  return cell !== undefined && 'value' in cell ? cell.value : undefined
}

describe('the forms', () => {
  it('are each of a title, a legal basis by law and article, and places to sign', () => {
    for (const name of FORM_NAMES) {
      const content = build(name)
      expect(content.title.zh).not.toBe('')
      expect(content.basis).toMatch(/《中华人民共和国保守国家秘密法(实施条例)?》第[一二三四五六七八九十]+条/)
      expect(content.notes.length).toBeGreaterThan(0)
      expect(places(content).length).toBeGreaterThan(0)
      for (const row of places(content)) expect([2, 3]).toContain(row.length)
    }
  })

  it('are filled in from the register, and blank where it says nothing', () => {
    const content = build('filing')
    expect(valueIn(content, '编号')).toBe('JM-0001')
    expect(valueIn(content, '密级')).toBe('机密')
    expect(valueIn(content, '类型')).toBe('涉密台式机')
    expect(valueIn(content, '硬盘序列号')).toBe('D1、D2')
    expect(valueIn(content, '系统安装日期')).toBe('2026年3月1日')
    expect(valueIn(content, '三合一系统')).toBe('有（2026年3月2日）')
    expect(valueIn(content, '计算机干扰仪')).toBe('不需要')
    expect(valueIn(content, '要害部门/部位')).toBe('是')
    expect(valueIn(content, '领用人')).toBeNull()
    expect(valueIn(content, 'MAC 地址')).toBeNull()
  })

  it('ask for three signatures at an inspection, and for two witnesses at a destruction', () => {
    expect(places(build('inspection')).at(-1)).toEqual(['检查人员', '使用人（被检查人）', '被检查部门负责人'])
    expect(places(build('destruction')).at(-1)).toEqual(['销毁执行人', '监销人一', '监销人二'])
  })

  it('ask at a repair for where it was sent, who stood by, whether the disk stays, and the return', () => {
    const asked = JSON.stringify(build('repair'))
    for (const one of ['送修地点', '硬盘已拆下留存', '旁站监督', '取回时间', '维修前状况', '维修后状况'])
      expect(asked).toContain(one)
  })

  it('list every entry of a hand-over, and leave rows to write on where there are few', () => {
    const medium = formEntryOf(
      sourceOfMedium({
        ...{
          number: 'YM-0001',
          level: 'confidential',
          kind: 'usb-stick',
          custodian: '乙',
          department: '办公室',
        },
        ...{ state: 'issued', serial: 'S1', product: 'Stick' },
      }),
    )
    const table = (entries: readonly FormEntry[]) =>
      build('hand-over', entries).parts.find((part) => part.part === 'table')
    expect(table([medium])).toMatchObject({ blankRows: 2 })
    expect(table([medium])?.rows[0]).toEqual(['1', 'YM-0001', 'U盘 Stick', '秘密', 'S1', '乙', ''])
    expect(table(Array.from({ length: 40 }, () => medium))).toMatchObject({ blankRows: 0 })
    expect(table(Array.from({ length: 40 }, () => medium))?.rows).toHaveLength(40)
  })

  it('have tables whose columns fill the width', () => {
    for (const name of FORM_NAMES)
      for (const part of build(name).parts)
        if (part.part === 'table') {
          expect(part.columns.reduce((sum, { share }) => sum + share, 0)).toBe(100)
          for (const row of part.rows) expect(row).toHaveLength(part.columns.length)
        }
  })

  it('are for the registers whose entries they are about', () => {
    expect(FORMS.filing.kinds).toEqual(['computers'])
    expect(FORMS.loan.kinds).toContain('media')
  })
})

it('writes a day as an office does, and leaves what is none', () => {
  expect(officeDay('2026-12-05')).toBe('2026年12月5日')
  expect(officeDay('soon')).toBe('soon')
})
