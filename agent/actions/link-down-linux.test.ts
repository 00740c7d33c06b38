import { beforeEach, describe, expect, it } from 'vitest'
import { setLinkDown } from './link-down-linux.ts'
import { enterOwnNetwork, run } from './packets/testing/own-network-linux.ts'

const linkOf = (name: string): string => run('ip', ['-o', 'link', 'show', name])

describe('setLinkDown', () => {
  beforeEach(async () => {
    await enterOwnNetwork()
    run('ip', ['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'])
    run('ip', ['link', 'set', 'v1', 'up'])
  })

  it('sets the interface of that number down, whatever it is called by now', async () => {
    const index = Number.parseInt(linkOf('v0'), 10)
    run('ip', ['link', 'set', 'v0', 'name', 'a\u0001"'])
    run('ip', ['link', 'set', 'a\u0001"', 'up'])
    expect(await setLinkDown(index, 'v0')).toEqual({ step: 'link-down', result: 'done', detail: 'v0' })
    expect(linkOf('a\u0001"')).not.toMatch(/[<,]UP[,>]/)
    expect(linkOf('v1')).toMatch(/[<,]UP[,>]/)
  })

  it('says so where the interface has gone', async () => {
    expect(await setLinkDown(4_000, 'gone\u0007')).toEqual({
      step: 'link-down',
      result: 'skipped',
      detail: 'gone\\u{0007} has gone',
    })
  })
})
