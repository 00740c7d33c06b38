/**
 * A USB stick as the lab's kernel told of it, played back: the same uevents byte for byte, the same files in a sysfs of
 * a temporary folder. Only the serial number differs from plug to plug.
 */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseUevent, type Uevent } from '../../../agent/base/parse-uevent.ts'
import type { HintState, UeventListener, UeventSource } from '../../../agent/base/uevents-linux.ts'

interface Recording {
  readonly device: string
  readonly disk: string
  readonly sysfs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly plug: readonly { readonly b64: string }[]
  readonly unplug: readonly { readonly b64: string }[]
}

export interface RecordedStick extends AsyncDisposable {
  /** The root of its sysfs. */
  readonly sys: string
  readonly uevents: UeventSource
  /** Plugs in; returns the moment before the first event was given, Unix ms of this host. */
  plug(serial: string): Promise<number>
  unplug(): Promise<void>
}

export async function openRecordedStick(): Promise<RecordedStick> {
  const file = fileURLToPath(new URL('../fixtures/usb-stick-plug.json', import.meta.url))
  const recording = JSON.parse(await readFile(file, 'utf8')) as Recording
  const sys = await mkdtemp(join(tmpdir(), 'shoukou-sys-'))
  const inTree = (path: string): string => join(sys, path.replace(/^\/sys\//, ''))
  const deviceLink = join(sys, 'bus/usb/devices', basename(recording.device))
  const diskLink = join(sys, 'block', basename(recording.disk))
  for (const folder of ['bus/usb/devices', 'block', 'class/net'])
    await mkdir(join(sys, folder), { recursive: true })
  const source = new PlayedUevents()
  return {
    sys,
    uevents: source,
    plug: async (serial) => {
      for (const [folder, files] of Object.entries(recording.sysfs)) {
        await mkdir(inTree(folder), { recursive: true })
        for (const [name, b64] of Object.entries(files)) {
          const content = name === 'serial' ? Buffer.from(`${serial}\n`) : Buffer.from(b64, 'base64')
          await writeFile(join(inTree(folder), name), content)
        }
      }
      await symlink(inTree(recording.device), deviceLink)
      await symlink(inTree(recording.disk), diskLink)
      return source.play(recording.plug)
    },
    unplug: async () => {
      await rm(diskLink)
      await rm(deviceLink)
      await rm(dirname(inTree(recording.device)), { recursive: true })
      source.play(recording.unplug)
    },
    [Symbol.asyncDispose]: () => rm(sys, { recursive: true, force: true }),
  }
}

class PlayedUevents implements UeventSource {
  readonly #listeners = new Set<UeventListener>()

  start(): Promise<HintState> {
    return Promise.resolve({ isListening: true, method: 'recorded-uevents' })
  }

  subscribe(listener: UeventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    this.#listeners.clear()
    return Promise.resolve()
  }

  /** Gives the bytes of all events at once, as a fast machine would; returns the moment before. */
  play(recorded: readonly { readonly b64: string }[]): number {
    const at = performance.timeOrigin + performance.now()
    const events: Uevent[] = []
    for (const { b64 } of recorded) {
      const event = parseUevent(Buffer.from(b64, 'base64'))
      if (event !== null) events.push(event)
    }
    for (const listener of this.#listeners) listener.onUevents(events)
    return at
  }
}
