import { describe, expect, it } from 'vitest'
import { fitNumber, fitText, widthOf, wrapText } from './label-content.ts'
import { formMark, labelMark, parseMark } from './print-mark.ts'

const type = { numberPt: 12, textPt: 6.5, textMm: 22 }

describe('what fits on a label', () => {
  it('is whole where there is room, and says with … that something is left out', () => {
    expect(fitText('办公室', 3)).toEqual({ text: '办公室', isCut: false })
    expect(fitText('省局办公室机要科', 5)).toEqual({ text: '省局办公…', isCut: true })
    expect(fitText('a\n\tb', 5)).toEqual({ text: 'a b', isCut: false })
    expect(widthOf(fitText('x'.repeat(500), 9).text)).toBeLessThanOrEqual(9.6)
  })

  it('goes on in the next line while there is one', () => {
    expect(wrapText('责任人 阿不都热合曼', 6, 2)).toEqual({
      lines: ['责任人 阿不', '都热合曼'],
      isCut: false,
    })
    expect(wrapText('责任人 阿不都热合曼买买提', 6, 2)).toEqual({
      lines: ['责任人 阿不', '都热合曼买…'],
      isCut: true,
    })
    expect(wrapText('台式机 长城 TN133A2', 8, 2)).toEqual({ lines: ['台式机 长城', 'TN133A2'], isCut: false })
    expect(wrapText('', 6, 2)).toEqual({ lines: [], isCut: false })
  })

  it('never cuts a number: it becomes smaller, then takes another line', () => {
    expect(fitNumber('JM-0001', type)).toEqual({ pt: 12, lines: ['JM-0001'] })
    const small = fitNumber('JM-2026-0001-A', type)
    expect(small.pt).toBeLessThan(12)
    expect(small.lines).toHaveLength(1)
    const long = 'A'.repeat(64)
    const { pt, lines } = fitNumber(long, type)
    expect(pt).toBe(6.5)
    expect(lines.join('')).toBe(long)
    expect(lines.length).toBeGreaterThan(1)
  })
})

describe('the text of a QR code', () => {
  it('says kind, level and number, and is read back', () => {
    expect(labelMark('computers', 'secret', 'JM-0001')).toBe('SK1:PC:S:JM-0001')
    expect(parseMark('SK1:PC:S:JM-0001')).toEqual({
      ...{ of: 'entry', kind: 'computers', level: 'secret', number: 'JM-0001' },
    })
    for (const level of [null, 'confidential', 'top-secret'] as const)
      expect(parseMark(labelMark('media', level, '涉-1/2'))).toEqual({
        of: 'entry',
        kind: 'media',
        level,
        number: '涉-1/2',
      })
    expect(parseMark(formMark('BD-2026-0001'))).toEqual({ of: 'form', number: 'BD-2026-0001' })
  })

  it('is read as an input method types it, and nothing else is taken for one', () => {
    expect(parseMark(' ｓｋ１：pc：s：JM-0001\n')).toMatchObject({ kind: 'computers', number: 'JM-0001' })
    for (const other of [
      '',
      'JM-0001',
      'SK1:',
      'SK1:PC:S:',
      'SK1:XX:S:1',
      'SK1:PC:Q:1',
      'SK2:F:1',
      `SK1:F:${'9'.repeat(300)}`,
    ])
      expect(parseMark(other), other).toBeNull()
  })
})
