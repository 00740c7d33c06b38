/** For tests: puts the guard in force, and ends. Arguments: cgroup, pins. */
import { openDeviceGuard } from '../device-guard-linux.ts'

const [cgroup, pins] = process.argv.slice(2)
if (cgroup === undefined || pins === undefined) throw new Error('needs: cgroup pins')
const outcome = await openDeviceGuard({ cgroup, pins, initial: [] })
process.stdout.write(`${outcome.kind}\n`)
