/** `release --reason TEXT`: lifts the denial of media and of connections, recorded, until a newer policy arrives. The agent must be stopped. */
import { ShoukouError } from '@shoukou/protocol'
import { DEFAULT_RUN_FOLDER } from '../actions/hold-marks-linux.ts'
import { openBootClock } from '../base/boot-clock-linux.ts'
import { createLog } from '../base/log.ts'
import { stateFolder } from '../base/state-folder.ts'
import { openMediaKernel } from '../control/media-kernel-linux.ts'
import { liftNetwork } from '../control/network/lift-network-linux.ts'
import { readAllBlock } from '../sensors/read-block-linux.ts'
import { type CommandInput, textOption } from './command-input.ts'
import { layerLines } from './hold.ts'
import { loadConfig } from './load-config.ts'
import { releaseMedia } from './release-media.ts'

const reasonLengthMax = 500

export async function release(input: CommandInput): Promise<number> {
  const { say } = input
  const reason = textOption(input, 'reason')?.trim() ?? ''
  if (reason === '') {
    process.stderr.write(`${say.missingOption('reason')}\n`)
    return 2
  }
  if (reason.length > reasonLengthMax)
    throw new ShoukouError('limit-exceeded', say.reasonTooLong(reasonLengthMax))
  if (process.getuid?.() !== 0) throw new ShoukouError('not-permitted', say.needsRoot)
  const config = await loadConfig({ config: textOption(input, 'config'), state: textOption(input, 'state') })
  const log = createLog('error')
  const boot = await openBootClock()
  const kernel = openMediaKernel({
    readDisks: async () => [...(await readAllBlock('/sys')).values()].map(({ device }) => device),
    bootMs: () => boot.nowMs(),
    places: {
      run: DEFAULT_RUN_FOLDER,
      bootId: boot.bootId,
      onDamaged: (path) => log.error({ path }, 'state file damaged, set aside'),
    },
  })
  const folder = stateFolder(config.stateDir)
  const done = await releaseMedia({
    folder,
    reason,
    lift: () => kernel.release(),
    liftNetwork: () =>
      liftNetwork({ bootId: boot.bootId, wallMs: () => Date.now(), packetStatePath: folder.packetStateFile }),
    clock: { wallMs: () => Date.now(), bootMs: () => boot.nowMs(), bootId: boot.bootId },
    journalBytesMax: config.journalBytesMax,
    chainHash: config.chainHash,
    log,
  })
  process.stdout.write(`${[...layerLines(done.layers, say), say.released(done.policyVersion)].join('\n')}\n`)
  return done.layers.every(({ state }) => state === 'absent') ? 0 : 1
}
