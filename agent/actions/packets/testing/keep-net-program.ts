/** Puts a packet net in force and waits to be killed: what stands afterwards stands without any agent. */
import { randomUUID } from 'node:crypto'
import { parsePrefix } from '@shoukou/protocol'
import { LazyPoller } from '../../../base/poll-linux.ts'
import { openPacketNet } from '../packet-net-linux.ts'

const [statePath = '', approved = ''] = process.argv.slice(2)
const opened = await openPacketNet({
  poller: new LazyPoller(),
  wallMs: Date.now,
  newId: randomUUID,
  bootId: 'this',
  statePath,
})
const prefix = parsePrefix(approved)
if (opened.net === null || prefix === null) throw new Error('no net')
await opened.net.setRules({
  approved: [{ prefix, protocol: null, firstPort: 0, lastPort: 65_535, rule: 'approved-destination' }],
  listeners: [],
  drops: true,
  cut: [],
  interfaces: [],
})
process.stdout.write(`${opened.net.id}\n`)
setInterval(() => undefined, 1_000)
