import { expect, it } from 'vitest'
import { adapterOf, GOOD_PICTURE, pictureOf, sharingOf } from '../../policy/network/testing/pictures.ts'
import { fitInterface, fitPicture, PICTURE_BYTES_MAX } from './fit-picture.ts'

const crowded = adapterOf(
  3,
  'eth1',
  Array.from({ length: 4_096 }, (_, n) => (n === 4_000 ? '8.8.4.4/24' : `fe80::${n.toString(16)}/64`)),
)

it('leaves a picture that fits as it is', () => {
  expect(fitPicture(GOOD_PICTURE)).toBe(GOOD_PICTURE)
})

it('keeps the addresses that lead furthest, and counts the others as left out', () => {
  expect(fitInterface(crowded).addresses[0]?.address).toBe('8.8.4.4')
  const fitted = fitPicture(pictureOf({ interfaces: [crowded] }))
  expect(fitted.interfaces[1]?.addresses).toHaveLength(64)
  expect(fitted.omitted).toBe(4_096 - 64)
})

it('fits whatever the computer calls its rules', () => {
  const sharing = Array.from({ length: 64 }, () => sharingOf('address-translation', '\u0000'.repeat(60_000)))
  const fitted = fitPicture(pictureOf({ interfaces: [crowded], sharing }))
  expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThanOrEqual(PICTURE_BYTES_MAX)
  expect(fitted.sharing).toEqual([])
  expect(fitted.interfaces.map(({ name }) => name)).toEqual(['lo', 'eth1'])
})
