/**
 * `hold`: puts the denial into force early in the boot, before udev loads drivers, and ends. Exit code 0 where it stands
 * or is not to stand, 1 where something failed; a boot never waits for it and never fails with it.
 */
import {
  DEFAULT_RUN_FOLDER,
  type HoldPlaces,
  isHeldOffAtBoot,
  keepSwitches,
} from '../actions/hold-marks-linux.ts'
import { openUsbControl } from '../actions/usb-control-linux.ts'
import { openBootClock } from '../base/boot-clock-linux.ts'
import { stateFolder } from '../base/state-folder.ts'
import { openMediaKernel } from '../control/media-kernel-linux.ts'
import { readAllBlock } from '../sensors/read-block-linux.ts'
import { type CommandInput, textOption } from './command-input.ts'
import { type HoldKernel, type HoldOutcome, holdMedia, type LayerReport } from './hold-media.ts'
import { loadConfig } from './load-config.ts'
import type { Messages } from './messages.ts'
import { printable } from './table.ts'

export async function hold(input: CommandInput): Promise<number> {
  const { say } = input
  const config = await loadConfig({ config: textOption(input, 'config'), state: textOption(input, 'state') })
  const onDamaged = (path: string) => void process.stderr.write(`${say.unread(path)}\n`)
  const clock = await openBootClock()
  const places = { run: DEFAULT_RUN_FOLDER, bootId: clock.bootId, onDamaged }
  const outcome = await holdMedia(
    stateFolder(config.stateDir),
    thisComputer(places, () => clock.nowMs()),
    onDamaged,
  )
  process.stdout.write(`${holdLines(outcome, say).join('\n')}\n`)
  return outcome.kind === 'held' && outcome.layers.some(({ state }) => state === 'failed') ? 1 : 0
}

/** Returns the lines that a terminal, or the boot's log, shows. Pure. */
export function holdLines(outcome: HoldOutcome, say: Messages): string[] {
  return outcome.kind === 'nothing' ? [say.holdNothing[outcome.why]] : layerLines(outcome.layers, say)
}

/** One line for each layer. */
export function layerLines(layers: readonly LayerReport[], say: Messages): string[] {
  return layers.map(({ layer, state, detail }) => {
    const why = detail === null ? '' : ` (${printable(detail)})`
    return `${say.layers[layer]}${say.colon}${say.layerStates[state]}${why}`
  })
}

function thisComputer(places: HoldPlaces, bootMs: () => number): HoldKernel {
  const readDisks = async () => [...(await readAllBlock('/sys')).values()].map(({ device }) => device)
  return {
    isOffAtBoot: () => isHeldOffAtBoot(),
    async denyUsb() {
      const usb = openUsbControl()
      await keepSwitches(places, await usb.readSwitches())
      const { usbDefault, usbAirlock, steps } = await usb.deny()
      const failed = steps.find(({ result }) => result === 'failed')
      const detail = failed === undefined ? null : `${failed.step}: ${failed.detail ?? ''}`
      return [
        { layer: 'usb-default', state: usbDefault, detail },
        { layer: 'usb-airlock', state: usbAirlock, detail },
      ]
    },
    readDisks,
    async guardDisks(isOwn) {
      const { layers } = await openMediaKernel({ readDisks, bootMs, places }).enforce(isOwn)
      const guard = layers.find(({ layer }) => layer === 'device-guard')
      return guard ?? { layer: 'device-guard', state: 'absent', detail: null }
    },
  }
}
