import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fact, makeRemovalCode, removalKeyOf } from '@shoukou/protocol'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLog } from '../base/log.ts'
import { type StateFolder, stateFolder } from '../base/state-folder.ts'
import { writeRemovalKey } from '../link/protection-keys.ts'
import { RemovalTeller } from '../protection/removal-teller.ts'
import { makeEnrolledFolder } from '../testing/link-bench.ts'
import { makeTestAuthority, type TestAuthority } from '../testing/test-authority.ts'
import { removeAgent } from './remove-agent.ts'

const agent = 'agent-1'
const key = removalKeyOf(Buffer.alloc(32, 3), agent)
let authority: TestAuthority
beforeAll(async () => {
  authority = await makeTestAuthority()
})

async function enrolled(): Promise<StateFolder> {
  const { stateDir } = await makeEnrolledFolder(1, authority)
  const folder = stateFolder(stateDir)
  await writeRemovalKey(folder, key.toString('base64url'))
  return folder
}

interface Asked {
  readonly code?: string
  readonly isForced?: boolean
  readonly bootId?: string
  readonly bootMs?: number
  readonly isRunning?: boolean
  readonly account?: string
}

function removal(folder: StateFolder) {
  const removed: string[] = []
  const ask = ({
    code,
    isForced = false,
    bootId = 'boot-1',
    bootMs = 1_000,
    isRunning = false,
    account = 'root',
  }: Asked = {}) =>
    removeAgent({
      folder,
      code: code ?? null,
      isForced,
      account,
      now: { bootId, bootMs },
      isAgentRunning: async () => isRunning,
      remove: async () => {
        removed.push('removed')
        return []
      },
      tellMsMax: 5_000,
    })
  const challenge = async (more: Asked = {}): Promise<string> => {
    const outcome = await ask(more)
    if (outcome.kind !== 'challenge') throw new Error(`no challenge: ${JSON.stringify(outcome)}`)
    return outcome.challenge
  }
  return { ask, challenge, removed }
}

/** As a running agent tells it. */
function teller(folder: StateFolder, isAtConsole: boolean): { told: Fact[]; teller: RemovalTeller } {
  const told: Fact[] = []
  const running = new RemovalTeller({
    path: folder.removalFile,
    toldPath: folder.removalToldFile,
    tell: async (fact) => {
      told.push(fact)
      return { epoch: 'e', seq: told.length, head: 'ab'.repeat(32) }
    },
    acknowledged: async () => isAtConsole,
    log: createLog('error'),
    everyMs: 20,
  })
  running.start()
  onTestFinished(() => running.stop())
  return { told, teller: running }
}

const otherCode = (challenge: string): string =>
  makeRemovalCode(removalKeyOf(Buffer.alloc(32, 4), agent), challenge)

describe('removing the agent', () => {
  it('takes the code for its own challenge, once, and the console has the record before anything is removed', async () => {
    const folder = await enrolled()
    const { told, teller: running } = teller(folder, true)
    const { ask, challenge, removed } = removal(folder)
    const shown = await challenge()
    const code = makeRemovalCode(key, shown)
    expect(await ask({ code, isRunning: true })).toEqual({ kind: 'removed', isTold: true, left: [] })
    expect(removed).toHaveLength(1)
    expect(told).toEqual([
      { kind: 'agent.removal', result: 'permitted', reason: 'code', counter: 1, account: 'root' },
    ])
    expect(running.isRemoving).toBe(true)
    expect(await ask({ code })).toEqual({ kind: 'refused', why: 'no-challenge' })
  })

  it('refuses the code of another challenge, and counts challenges up for good', async () => {
    const folder = await enrolled()
    const { ask, challenge, removed } = removal(folder)
    const code = makeRemovalCode(key, await challenge())
    const second = await challenge({ bootId: 'boot-2' })
    expect(second.replaceAll(' ', '').slice(5, 11)).toBe('000002')
    expect(await ask({ code })).toEqual({ kind: 'refused', why: 'wrong' })
    expect(removed).toEqual([])
  })

  it('locks at the fifth wrong code, tells each, and takes the challenge back', async () => {
    const folder = await enrolled()
    const { told } = teller(folder, false)
    const { ask, challenge, removed } = removal(folder)
    const shown = await challenge()
    for (let tries = 1; tries <= 4; tries += 1)
      expect(await ask({ code: otherCode(shown) })).toEqual({ kind: 'refused', why: 'wrong' })
    expect(await ask({ code: otherCode(shown) })).toEqual({ kind: 'refused', why: 'locked' })
    expect(await ask({ code: makeRemovalCode(key, shown) })).toEqual({ kind: 'refused', why: 'locked' })
    expect(await ask({ bootMs: 1_000 + 30 * 60_000 - 1 })).toEqual({ kind: 'refused', why: 'locked' })
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(5)
    expect(told.at(-1)).toMatchObject({ result: 'refused', reason: 'locked' })
    expect((await ask({ bootMs: 1_000 + 30 * 60_000 })).kind).toBe('challenge')
    expect(removed).toEqual([])
  })

  it('does not count a slip of the finger as a try', async () => {
    const folder = await enrolled()
    const { ask, challenge } = removal(folder)
    await challenge()
    for (let tries = 0; tries < 9; tries += 1)
      expect(await ask({ code: '1234 5678 9012 3456' })).toEqual({ kind: 'refused', why: 'mistyped' })
  })

  it('without a code is told as forced, first; where no agent runs, nobody at the console knows', async () => {
    const folder = await enrolled()
    const { told } = teller(folder, true)
    const { ask } = removal(folder)
    expect(await ask({ isForced: true, isRunning: true })).toMatchObject({ kind: 'removed', isTold: true })
    expect(told).toMatchObject([{ result: 'forced', reason: 'no-code' }])
    expect(await ask({ isForced: true })).toMatchObject({ kind: 'removed', isTold: false })
  })

  it('is refused with a book that somebody damaged, and on a computer that is not enrolled', async () => {
    const folder = await enrolled()
    await writeFile(folder.removalFile, '{"v":1,"counter":-4}')
    await expect(removal(folder).ask()).rejects.toMatchObject({ code: 'state-unusable' })
    const empty = stateFolder(await mkdtemp(join(tmpdir(), 'shoukou-removal-')))
    onTestFinished(() => rm(empty.root, { recursive: true, force: true }))
    await expect(removal(empty).ask()).rejects.toMatchObject({ code: 'not-enrolled' })
  })

  it('tells each event once, also where the disk does not take down that it was told', async () => {
    const folder = await enrolled()
    const { ask } = removal(folder)
    expect(await ask({ isForced: true })).toMatchObject({ kind: 'removed' })
    // A folder in its place: nothing can be written there.
    await mkdir(join(folder.removalToldFile, 'in-the-way'), { recursive: true })
    const { told } = teller(folder, true)
    for (let tries = 0; tries < 400 && told.length === 0; tries += 1) await sleep(10)
    await sleep(200)
    expect(told).toMatchObject([{ kind: 'agent.removal', result: 'forced' }])
  })

  it('is told by whatever account the environment names, of any length', async () => {
    const folder = await enrolled()
    const { told } = teller(folder, true)
    const { ask } = removal(folder)
    const outcome = await ask({ isForced: true, isRunning: true, account: 'x'.repeat(5_000) })
    expect(outcome).toMatchObject({ kind: 'removed', isTold: true })
    expect(told).toMatchObject([{ result: 'forced', account: 'x'.repeat(256) }])
  })
})
