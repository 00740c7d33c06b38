import { describe, expect, it } from 'vitest'
import {
  LABEL_SIZES,
  type LabelSize,
  labelSize,
  labelsPerPage,
  nextStart,
  placeLabels,
  SHEET_HEIGHT_MM,
  SHEET_WIDTH_MM,
  startWithin,
} from './label-layout.ts'

const sheet = (key: string) => labelSize(key) as LabelSize

describe('labels on a sheet', () => {
  it('stand where the stock has them, row by row', () => {
    const [page = []] = placeLabels(sheet('sheet-3x8'), 24, 1)
    expect(page[0]).toEqual({ label: 0, leftMm: 0, topMm: 0.5 })
    expect(page[1]).toEqual({ label: 1, leftMm: 70, topMm: 0.5 })
    expect(page[3]).toEqual({ label: 3, leftMm: 0, topMm: 37.5 })
    expect(page[23]).toEqual({ label: 23, leftMm: 140, topMm: 259.5 })
    expect(placeLabels(sheet('sheet-2x7'), 14, 1)[0]?.[13]).toEqual({
      label: 13,
      leftMm: 106.25,
      topMm: 243.75,
    })
  })

  it('lie on the paper whole and never over each other', () => {
    for (const size of LABEL_SIZES) {
      const [page = []] = placeLabels(size, labelsPerPage(size), 1)
      const [width, height] =
        size.sheet === null ? [size.widthMm, size.heightMm] : [SHEET_WIDTH_MM, SHEET_HEIGHT_MM]
      for (const [at, one] of page.entries()) {
        expect(one.leftMm).toBeGreaterThanOrEqual(0)
        expect(one.leftMm + size.widthMm).toBeLessThanOrEqual(width + 1e-9)
        expect(one.topMm + size.heightMm).toBeLessThanOrEqual(height + 1e-9)
        for (const other of page.slice(0, at)) {
          const isBeside = Math.abs(one.leftMm - other.leftMm) >= size.widthMm - 1e-9
          const isBelow = Math.abs(one.topMm - other.topMm) >= size.heightMm - 1e-9
          expect(isBeside || isBelow, `${size.key} ${at}`).toBe(true)
        }
      }
    }
  })

  it('begin at the first free place of a sheet that was begun, and go on at the top of the next', () => {
    const pages = placeLabels(sheet('sheet-2x7'), 4, 13)
    expect(pages.map((page) => page.map(({ label }) => label))).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(pages[0]?.[0]).toMatchObject({ leftMm: 4.65, topMm: 243.75 })
    expect(pages[1]?.[0]).toMatchObject({ leftMm: 4.65, topMm: 15.15 })
    expect(nextStart(sheet('sheet-2x7'), 4, 13)).toBe(3)
    expect(nextStart(sheet('sheet-2x7'), 2, 13)).toBe(1)
  })

  it('begin at a place that the sheet has, whatever was asked for', () => {
    expect([0, -3, 1.5, Number.NaN].map((start) => startWithin(sheet('sheet-3x8'), start))).toEqual([
      1, 1, 1, 1,
    ])
    expect(startWithin(sheet('sheet-3x8'), 25)).toBe(24)
    expect(startWithin(sheet('single-50x30'), 7)).toBe(1)
  })

  it('have a page each on a label printer', () => {
    expect(placeLabels(sheet('single-70x40'), 3, 5)).toEqual(
      [0, 1, 2].map((label) => [{ label, leftMm: 0, topMm: 0 }]),
    )
    expect(placeLabels(sheet('single-70x40'), 0, 1)).toEqual([])
  })
})
