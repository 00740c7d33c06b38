import { PassportSchema } from '@shoukou/protocol'
import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { examineMedium } from './examine-medium.ts'
import { mediumOf, readExpected, readImage } from './fixtures/image.ts'

const about = { bus: 'usb', usb: null } as const
const expected = readExpected()

describe('an image that a tool made', () => {
  it.each([...expected.keys()])('%s is known as blkid knows it, in few reads', async (name) => {
    const image = expected.get(name)
    const medium = mediumOf(readImage(name))
    const { passport, reads, sealBytes } = await examineMedium(medium, about)
    expect(Value.Check(PassportSchema, passport)).toBe(true)
    expect(passport.sizeBytes).toBe(image?.sizeBytes)
    expect(passport.partitionTable).toEqual({
      kind: image?.table === 'dos' ? 'mbr' : (image?.table ?? 'none'),
      id: image?.tableId ?? null,
    })
    // UDF is recognised, and no more than that.
    const known = image?.fileSystems.map((one) =>
      one.kind === 'udf' ? { ...one, uuid: null, label: null } : one,
    )
    expect(passport.fileSystems).toEqual(known)
    expect(sealBytes).toBeNull()
    expect(reads.count).toBe(medium.reads.length)
    expect(reads.count).toBeLessThanOrEqual(12)
  })
})
