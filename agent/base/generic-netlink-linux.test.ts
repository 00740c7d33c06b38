import { expect, it } from 'vitest'
import { openGenericFamily } from './generic-netlink-linux.ts'
import { NetlinkAsker } from './netlink-dump-linux.ts'
import { attributeMap } from './parse-netlink.ts'

const CTRL_CMD_GETFAMILY = 3
const CTRL_ATTR_FAMILY_NAME = 2

it('finds a family that every kernel has, and asks it for its table', async () => {
  const family = await openGenericFamily('nlctrl')
  expect(family).not.toBeNull()
  try {
    const answer = family?.dump(CTRL_CMD_GETFAMILY)
    const names = answer?.bodies.map((body) => attributeMap(body).get(CTRL_ATTR_FAMILY_NAME)?.toString())
    expect(answer?.errno).toBe(0)
    expect(names).toContain('nlctrl\0')
  } finally {
    family?.close()
  }
})

it('says null of a family that this kernel has not', async () => {
  expect(await openGenericFamily('no-such-thing')).toBeNull()
})

it('takes a refusal for an answer: the errno, and nothing beside', async () => {
  const family = await openGenericFamily('nlctrl')
  try {
    const answer = family?.dump(200)
    expect([answer?.errno, answer?.bodies.length, answer?.wasInterrupted]).toEqual([95, 0, false])
  } finally {
    family?.close()
  }
})

it('gives a long answer in turns whole: the same as at once', async () => {
  const asker = await NetlinkAsker.open(16)
  try {
    const request = Buffer.from([CTRL_CMD_GETFAMILY, 1, 0, 0])
    const atOnce = asker.dump(16, request)
    const inTurns = await asker.dumpInTurns(16, request)
    expect(inTurns.bodies.length).toBeGreaterThan(0)
    expect(inTurns).toEqual(atOnce)
  } finally {
    asker.close()
  }
})
