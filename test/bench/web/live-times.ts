/**
 * From an agent's send to the frame that shows the headline, while the list of a million stands open: one agent of the wire,
 * mutual TLS, chain checked, judged, synced to disk, told to the page. One violation at a time: not a storm.
 */

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { openKeys } from '../../../console/pki/key-store.ts'
import { openSqliteStoreHere } from '../../../console/store/open-store.ts'
import { createToken } from '../../../console/workflows/enrolment.ts'
import { usbStick } from '../../support/facts.ts'
import { connectRaw, enrolAt, RawJournal } from '../../support/raw-agent.ts'
import { watchScreen } from '../plug-to-screen/screen.ts'
import { databaseOf } from './prepared-data.ts'

const shownMsMax = 20_000
const settleMs = 120
const warmUps = 3

export interface LiveOptions {
  readonly data: string
  readonly port: number
  readonly authority: string
  readonly n: number
}

/** `page` shows the list of violations. Returns ms of each. */
export async function measureLive(page: Page, { data, port, authority, n }: LiveOptions): Promise<number[]> {
  const identity = await enrolAt(`https://localhost:${port}`, authority, await makeToken(data))
  await using link = await connectRaw({ authority, running: { agentPort: port + 1 } }, identity)
  const journal = new RawJournal(identity.answer.agent)
  journal.append({ kind: 'journal.opened', reason: 'enrolled', previousEpoch: null, previousSeq: null })
  await link.hello(journal)
  await link.records(journal.frame(1, 1))
  await page.locator('[data-testid=live-state][data-state=live]').waitFor()
  const screen = await watchScreen(page)
  const samples: number[] = []
  for (let plug = 1; plug <= n + warmUps; plug += 1) {
    journal.append(
      {
        ...{ kind: 'usb.attached', origin: 'appeared', sighting: 'snapshot' },
        device: usbStick({ serial: `BENCH-${plug}` }),
      },
      { decision: { outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' } },
    )
    const frame = journal.frame(journal.raws.length, journal.raws.length)
    const sentAt = performance.timeOrigin + performance.now()
    const stored = link.records(frame)
    const shown = await screen.next(shownMsMax)
    await stored
    if (plug > warmUps) samples.push(shown.at - sentAt)
    await delay(settleMs)
  }
  return samples
}

async function makeToken(data: string): Promise<string> {
  const keys = await openKeys(join(data, 'console', 'pki'), 'bench', ['localhost'], Date.now())
  const store = await openSqliteStoreHere(databaseOf(data))
  try {
    return (await createToken(store, keys, {}, { account: 'bench', now: Date.now() })).token
  } finally {
    await store.close()
  }
}
