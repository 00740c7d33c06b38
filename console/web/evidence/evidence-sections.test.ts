import { describe, expect, it } from 'vitest'
import { evidenceSections, isRawBytes } from './evidence-sections.ts'

describe('evidenceSections', () => {
  it('puts plain fields first and each thing inside into its own table', () => {
    const sections = evidenceSections({
      device: { path: '1-1', serial: { b64: '/w==' } },
      origin: 'appeared',
      disk: null,
    })
    expect(sections).toEqual([
      {
        path: [],
        rows: [
          { key: 'origin', value: 'appeared' },
          { key: 'disk', value: null },
        ],
      },
      {
        path: ['device'],
        rows: [
          { key: 'path', value: '1-1' },
          { key: 'serial', value: { b64: '/w==' } },
        ],
      },
    ])
  })

  it('keeps an interface list whole and numbers other lists', () => {
    const sections = evidenceSections({
      interfaces: [{ class: '08' }],
      files: [{ name: 'a' }, { name: 'b' }],
    })
    expect(sections.map((one) => one.path)).toEqual([[], ['files.1'], ['files.2']])
    expect(sections[0]?.rows[0]?.key).toBe('interfaces')
  })

  it('keeps a passport whole, and puts who it is and its seal before all else that is inside', () => {
    const passport = { bus: 'usb', usb: null, fileSystems: [] }
    const sections = evidenceSections({
      place: { disk: 'sdb' },
      passport,
      seal: { state: 'absent' },
      identity: { result: 'match', reasons: [{ field: 'sizeBytes', state: 'same', weight: 10 }] },
      right: 'none',
    })
    expect(sections.map((one) => one.path.join('/'))).toEqual(['', 'identity', 'seal', 'place', 'passport'])
    expect(sections.at(-1)?.passport).toBe(passport)
    expect(sections[1]?.rows.map((one) => one.key)).toEqual(['result', 'reasons'])
  })

  it('shows evidence of any shape, and never loses a field', () => {
    expect(evidenceSections('text')).toEqual([{ path: [], rows: [{ key: 'value', value: 'text' }] }])
    expect(evidenceSections({})).toEqual([])
    const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } }
    expect(JSON.stringify(evidenceSections(deep))).toContain('"f":1')
  })
})

describe('isRawBytes', () => {
  it('takes only what is nothing but bytes', () => {
    expect(isRawBytes({ b64: '' })).toBe(true)
    expect(isRawBytes({ b64: '', more: 1 })).toBe(false)
    expect(isRawBytes('b64')).toBe(false)
    expect(isRawBytes(null)).toBe(false)
  })
})
