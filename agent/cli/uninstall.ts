/** `uninstall`: removes the agent with a code from the console; `--force` without one, which is told first. The state is kept. */

import { ShoukouError } from '@shoukou/protocol'
import { DEFAULT_RUN_FOLDER } from '../actions/hold-marks-linux.ts'
import { openBootClock } from '../base/boot-clock-linux.ts'
import { createLog } from '../base/log.ts'
import { stateFolder } from '../base/state-folder.ts'
import { livenessOf, statusFile } from '../base/status-file.ts'
import { openMediaKernel } from '../control/media-kernel-linux.ts'
import { liftNetwork } from '../control/network/lift-network-linux.ts'
import { removeOwnUnits } from '../protection/own-units-linux.ts'
import { readAllBlock } from '../sensors/read-block-linux.ts'
import { type CommandInput, textOption } from './command-input.ts'
import { layerLines } from './hold.ts'
import { loadConfig } from './load-config.ts'
import { releaseMedia } from './release-media.ts'
import { removeAgent } from './remove-agent.ts'

export async function uninstall(input: CommandInput): Promise<number> {
  const { say, values } = input
  if (process.getuid?.() !== 0) throw new ShoukouError('not-permitted', say.needsRoot)
  const config = await loadConfig({ config: textOption(input, 'config'), state: textOption(input, 'state') })
  const folder = stateFolder(config.stateDir)
  const boot = await openBootClock()
  const log = createLog('error')
  const clock = { wallMs: () => Date.now(), bootMs: () => boot.nowMs(), bootId: boot.bootId }
  const outcome = await removeAgent({
    folder,
    code: textOption(input, 'code') ?? null,
    isForced: values['force'] === true,
    account: process.env['SUDO_USER'] ?? process.env['USER'] ?? null,
    now: { bootId: clock.bootId, bootMs: clock.bootMs() },
    isAgentRunning: async () => {
      const last = await statusFile.peek(folder.statusFile)
      return last !== null && last !== 'damaged' && livenessOf(last, Date.now()) === 'running'
    },
    remove: async () => {
      const left = [...(await removeOwnUnits())]
      const kernel = openMediaKernel({
        readDisks: async () => [...(await readAllBlock('/sys')).values()].map(({ device }) => device),
        bootMs: clock.bootMs,
        places: {
          run: DEFAULT_RUN_FOLDER,
          bootId: clock.bootId,
          onDamaged: (path) => log.error({ path }, 'state file damaged, set aside'),
        },
      })
      const { layers } = await releaseMedia({
        folder,
        reason: 'uninstall',
        cause: 'removal',
        lift: () => kernel.release(),
        liftNetwork: () =>
          liftNetwork({
            bootId: clock.bootId,
            wallMs: clock.wallMs,
            packetStatePath: folder.packetStateFile,
          }),
        clock,
        journalBytesMax: config.journalBytesMax,
        chainHash: config.chainHash,
        log,
      })
      const standing = layers.filter(({ state }) => state !== 'absent')
      return [...left, ...layerLines(standing, say)]
    },
  })
  switch (outcome.kind) {
    case 'challenge':
      process.stdout.write(`${say.removal.challenge(outcome.challenge)}\n`)
      return 0
    case 'refused':
      process.stderr.write(`${say.removal.refused[outcome.why]}\n`)
      return 1
    case 'removed': {
      const lines = [say.removal.removed(outcome.isTold, folder.root), ...outcome.left]
      process.stdout.write(`${lines.join('\n')}\n`)
      return outcome.left.length === 0 ? 0 : 1
    }
  }
}
