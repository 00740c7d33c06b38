import { expect, it } from 'vitest'
import { decodeOctalEscapes, parseMountinfo } from './parse-mountinfo.ts'

it('reads the example of the manual, whatever the number of optional fields', () => {
  const text =
    '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n' +
    '37 35 8:17 / /media/a rw - vfat /dev/sdb1 rw\n' +
    '38 35 8:18 / /media/b rw shared:1 master:2 propagate_from:3 - exfat /dev/sdb2 rw\n'
  const { mounts, faults } = parseMountinfo(Buffer.from(text))
  expect(faults).toBe(0)
  expect(
    mounts.map((mount) => [mount.id, mount.number, mount.target.toString(), mount.source.toString()]),
  ).toEqual([
    [36, '98:0', '/mnt2', '/dev/root'],
    [37, '8:17', '/media/a', '/dev/sdb1'],
    [38, '8:18', '/media/b', '/dev/sdb2'],
  ])
})

it('gives a target back as the bytes that it is', () => {
  const line = Buffer.concat([
    Buffer.from('40 35 8:17 / /media/\\040\\011\\012\\134'),
    Buffer.from([0xb1, 0xed, 0x1b]),
    Buffer.from(' rw - vfat /dev/sdb1 rw\n'),
  ])
  const target = parseMountinfo(line).mounts[0]?.target
  expect(target).toEqual(Buffer.concat([Buffer.from('/media/ \t\n\\'), Buffer.from([0xb1, 0xed, 0x1b])]))
})

it('leaves a backslash alone that begins no escape', () => {
  expect(decodeOctalEscapes(Buffer.from('a\\9b\\04'))).toEqual(Buffer.from('a\\9b\\04'))
})

it('counts a line that makes no sense and reads the others', () => {
  const { mounts, faults } = parseMountinfo(
    Buffer.from('nonsense\n37 35 8:17 / /a rw - vfat /dev/sdb1 rw\n1 2 3\n'),
  )
  expect([mounts.length, faults]).toEqual([1, 2])
})
