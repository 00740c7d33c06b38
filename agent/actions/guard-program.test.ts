import { describe, expect, it } from 'vitest'
import {
  addValue,
  assemble,
  atomicAdd64,
  call,
  copy,
  exit,
  jump,
  jumpIfAtLeast,
  jumpIfEqual,
  jumpIfNotEqual,
  label,
  load32,
  load64,
  loadMap,
  setValue,
  shiftRight,
  store32,
  storeValue32,
  storeValue64,
} from './bpf-assembler.ts'
import { everyMinor, type GuardEntry, guardKeyOf, nameOfKey } from './device-guard.ts'
import {
  decodeEntry,
  decodeKey,
  encodeEntry,
  encodeKey,
  featureSteps,
  guardProgram,
} from './guard-program.ts'

const hex = (bytes: Buffer): string[] => bytes.toString('hex').match(/.{16}/g) ?? []

describe('the assembler', () => {
  it.each([
    ['load32 r6, [r1+4]', load32('r6', 'r1', 4), '6116040000000000'],
    ['load64 r1, [r9+8]', load64('r1', 'r9', 8), '7991080000000000'],
    ['store32 [r10-24], r7', store32('r10', -24, 'r7'), '637ae8ff00000000'],
    ['store32 [r10-16], -1', storeValue32('r10', -16, -1), '620af0ffffffffff'],
    ['store64 [r10-8], 1', storeValue64('r10', -8, 1), '7a0af8ff01000000'],
    ['atomic add [r0], r1', atomicAdd64('r0', 0, 'r1'), 'db10000000000000'],
    ['r3 = r10', copy('r3', 'r10'), 'bfa3000000000000'],
    ['r2 += -24', addValue('r2', -24), '07020000e8ffffff'],
    ['r0 >>= 32', shiftRight('r0', 32), '7700000020000000'],
    ['r0 = 1', setValue('r0', 1), 'b700000001000000'],
    ['call 14', call(14), '850000000e000000'],
    ['exit', exit(), '9500000000000000'],
  ])('writes %s as RFC 9669 has it', (_, line, expected) => {
    expect(assemble([line]).toString('hex')).toBe(expected)
  })

  it('writes a map by its descriptor, in two instructions', () => {
    expect(hex(assemble(loadMap('r1', 5)))).toEqual(['1811000005000000', '0000000000000000'])
  })

  it('reckons a jump from the instruction after it to the label', () => {
    const code = assemble([
      jumpIfEqual('r6', 0, 'end'),
      jumpIfNotEqual('r0', 2, 'end'),
      jumpIfAtLeast('r0', 'r1', 'end'),
      jump('end'),
      label('end'),
      exit(),
    ])
    expect(hex(code)).toEqual([
      '1506030000000000',
      '5500020002000000',
      '3d10010000000000',
      '0500000000000000',
      '9500000000000000',
    ])
  })

  it('takes no jump to nowhere, none backwards and no label twice', () => {
    expect(() => assemble([jump('nowhere')])).toThrow(/no such label/)
    expect(() => assemble([label('here'), jump('here')])).toThrow(/backwards/)
    expect(() => assemble([label('here'), label('here')])).toThrow(/twice/)
  })
})

describe('the program', () => {
  it('is these very bytes for a kernel that can do all', () => {
    const [all] = featureSteps
    if (all === undefined) throw new Error('there are no features')
    expect(hex(guardProgram({ entries: 3, refusals: 4 }, all))).toMatchInlineSnapshot(`
      [
        "6116000000000000",
        "bf67000000000000",
        "57070000ffff0000",
        "7706000010000000",
        "5706000006000000",
        "1506250000000000",
        "6112040000000000",
        "6118080000000000",
        "637ae8ff00000000",
        "632aecff00000000",
        "638af0ff00000000",
        "1811000003000000",
        "0000000000000000",
        "bfa2000000000000",
        "07020000e8ffffff",
        "8500000001000000",
        "55000a0000000000",
        "620af0ffffffffff",
        "1811000003000000",
        "0000000000000000",
        "bfa2000000000000",
        "07020000e8ffffff",
        "8500000001000000",
        "638af0ff00000000",
        "5500020000000000",
        "1507110002000000",
        "0500120000000000",
        "bf09000000000000",
        "6191000000000000",
        "a7010000ffffffff",
        "5f16000000000000",
        "55060d0000000000",
        "6191040000000000",
        "1501040000000000",
        "850000000e000000",
        "7700000020000000",
        "6191040000000000",
        "5d10070000000000",
        "7991080000000000",
        "1501030000000000",
        "850000007d000000",
        "7991080000000000",
        "3d10020000000000",
        "b700000001000000",
        "9500000000000000",
        "1811000004000000",
        "0000000000000000",
        "bfa2000000000000",
        "07020000e8ffffff",
        "8500000001000000",
        "5500190000000000",
        "7a0af8ff01000000",
        "1811000004000000",
        "0000000000000000",
        "bfa2000000000000",
        "07020000e8ffffff",
        "bfa3000000000000",
        "07030000f8ffffff",
        "b704000001000000",
        "8500000002000000",
        "1500110000000000",
        "1811000004000000",
        "0000000000000000",
        "bfa2000000000000",
        "07020000e8ffffff",
        "8500000001000000",
        "5500090000000000",
        "620ae8ff00000000",
        "620aecff00000000",
        "620af0ff00000000",
        "1811000004000000",
        "0000000000000000",
        "bfa2000000000000",
        "07020000e8ffffff",
        "8500000001000000",
        "1500020000000000",
        "b701000001000000",
        "db10000000000000",
        "b700000000000000",
        "9500000000000000",
      ]
    `)
  })

  it('calls on no kernel what that kernel has not', () => {
    const helpers = featureSteps.map((features) =>
      hex(guardProgram({ entries: 3, refusals: 4 }, features))
        .filter((instruction) => instruction.startsWith('85'))
        .map((instruction) => Number.parseInt(instruction.slice(8, 10), 16)),
    )
    const lookUpAndUpdate = [1, 1, 1, 2, 1, 1]
    expect(helpers.map((each) => each.filter((id) => id > 2))).toEqual([[14, 125], [125], [5], []])
    expect(helpers.map((each) => each.filter((id) => id <= 2))).toEqual(
      featureSteps.map(() => lookUpAndUpdate),
    )
  })
})

describe('the bytes of the maps', () => {
  const entry: GuardEntry = {
    key: guardKeyOf('block', '8:16'),
    right: 'read-only',
    ownerPid: 4242,
    untilBootMs: 1_000.5,
  }

  it('are key, access, process and end, little-endian', () => {
    expect(encodeKey(entry.key).toString('hex')).toBe('010000000800000010000000')
    expect(encodeEntry(entry, 0n).toString('hex')).toBe('0200000092100000206ba23b00000000')
    expect(encodeKey({ type: 'character', major: 21, minor: everyMinor }).toString('hex')).toBe(
      '0200000015000000ffffffff',
    )
  })

  it('come back as they were, also by a clock that stood still meanwhile', () => {
    for (const ahead of [0n, 500_000_000n])
      expect(decodeEntry(entry.key, encodeEntry(entry, ahead), ahead)).toEqual(entry)
    expect(decodeKey(encodeKey(entry.key))).toEqual(entry.key)
    expect(decodeKey(Buffer.alloc(12))).toBeNull()
  })

  it('never say “for ever” for a right that ended', () => {
    expect(encodeEntry({ ...entry, untilBootMs: 0 }, 0n).readBigUInt64LE(8)).toBe(1n)
    expect(encodeEntry({ ...entry, untilBootMs: 5 }, 1_000_000_000n).readBigUInt64LE(8)).toBe(1n)
  })
})

it('a key names itself as a person would', () => {
  expect(nameOfKey(guardKeyOf('block', '8:16'))).toBe('block 8:16')
  expect(nameOfKey({ type: 'character', major: 21, minor: everyMinor })).toBe('character 21:*')
})
