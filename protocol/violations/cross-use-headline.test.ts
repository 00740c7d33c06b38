import { expect, it } from 'vitest'
import type { EvidenceOf } from '../violations.ts'
import { crossUseHeadline } from './cross-use-headline.ts'

const device = { busPath: null, vendorId: 'f001', productId: '0001', serial: 'S', model: null }
const seen = (computer: string, hostLevel: 'internal' | 'confidential' | 'secret', atMs = 1) => ({
  ...{ computer, hostLevel, atMs },
})
const evidence = (
  number: string | null,
  sightings: EvidenceOf<'media-cross-use'>['sightings'],
): EvidenceOf<'media-cross-use'> => ({ number, device, sightings })

it('names the medium and where it was, each computer once', () => {
  const two = evidence('YM-0360', [
    seen('JM-0073', 'internal'),
    seen('JM-0279', 'confidential'),
    seen('JM-0073', 'internal', 2),
  ])
  expect(crossUseHeadline(two, 'zh')).toBe(
    '介质 YM-0360 交叉使用：接入过内部计算机 JM-0073、秘密计算机 JM-0279',
  )
  expect(crossUseHeadline(two, 'en')).toBe(
    'Medium YM-0360 was used across classified and unclassified hosts: JM-0073 (Internal 内部) and JM-0279 (Confidential 秘密)',
  )
})

it('says how many there were, where not all are named, and that nobody registered it', () => {
  const many = evidence(null, [seen('A', 'internal'), seen('B', 'confidential'), seen('C', 'secret')])
  expect(crossUseHeadline(many, 'zh')).toBe('未登记介质 交叉使用：接入过内部计算机 A、机密计算机 C 等 3 台')
  expect(crossUseHeadline(many, 'en')).toContain('A (Internal 内部) and C (Secret 机密) (3 computers in all)')
})
