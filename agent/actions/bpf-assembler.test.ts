/** The instructions that the connections' programs brought; the others are tested with the device guard's program. */
import { expect, it } from 'vitest'
import {
  add,
  assemble,
  exit,
  fromNetwork16,
  fromNetwork32,
  jumpIfAbove,
  jumpIfAboveValue,
  jumpIfAnyBit,
  jumpIfAtMostSigned,
  jumpIfNegative,
  jumpIfSame,
  label,
  load16,
  loadMapValue,
  orValue,
  store64,
} from './bpf-assembler.ts'

it.each([
  ['r1 += r9', add('r1', 'r9'), '0f91000000000000'],
  ['r1 |= 0x1000000', orValue('r1', 0x1000000), '4701000000000001'],
  ['r8 = be16 r8', fromNetwork16('r8'), 'dc08000010000000'],
  ['r3 = be32 r3', fromNetwork32('r3'), 'dc03000020000000'],
  ['load16 r2, [r0+514]', load16('r2', 'r0', 514), '6902020200000000'],
  ['store64 [r10-24], r0', store64('r10', -24, 'r0'), '7b0ae8ff00000000'],
])('writes %s as RFC 9669 has it', (_, line, expected) => {
  expect(assemble([line]).toString('hex')).toBe(expected)
})

it.each([
  ['if r1 == r7', jumpIfSame('r1', 'r7', 'end'), '1d71000000000000'],
  ['if r2 > r8', jumpIfAbove('r2', 'r8', 'end'), '2d82000000000000'],
  ['if r9 > 1792', jumpIfAboveValue('r9', 1_792, 'end'), '2509000000070000'],
  ['if r0 <= 0, signed', jumpIfAtMostSigned('r0', 0, 'end'), 'd500000000000000'],
  ['if r7 < 0, signed', jumpIfNegative('r7', 'end'), 'c507000000000000'],
  ['if r9 & 2', jumpIfAnyBit('r9', 2, 'end'), '4509000002000000'],
])('writes the jump %s as RFC 9669 has it', (_, line, expected) => {
  expect(assemble([line, label('end'), exit()]).toString('hex', 0, 8)).toBe(expected)
})

it('writes the value of a map by its descriptor, in two instructions', () => {
  expect(assemble(loadMapValue('r1', 5)).toString('hex')).toBe('18210000050000000000000000000000')
})
