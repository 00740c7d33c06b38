/**
 * For tests: opens the net, with rules that refuse everything where told so, drains what is there, says so, and hangs until
 * it is killed. Arguments: cgroup, pins, `refuse` or `take`.
 */
import { openPoller } from '../../../base/poll-linux.ts'
import { openConnectionNet } from '../connection-net-linux.ts'

const [cgroup, pins, what] = process.argv.slice(2)
if (cgroup === undefined || pins === undefined) throw new Error('needs: cgroup pins')
const opened = await openConnectionNet({ poller: await openPoller(), cgroup, pins })
if (opened.net === null) throw new Error(opened.reason)
if (what === 'refuse') await opened.net.setRules({ approved: [], refuses: true, refusesRaw: true })
const taken = opened.net.drain(1_000_000).length
process.stdout.write(`taken ${taken}\n`)
// No timer runs any more: what was taken stays as it was at this moment.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
