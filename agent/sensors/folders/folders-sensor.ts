/**
 * The portable sensor: chokidar on configured folders, usb-detection where it was built. Runs on any system that Node
 * runs on, and sees less than the others: no order across folders, no bytes of names beyond UTF-8.
 */
import { relative } from 'node:path'
import { type FactNamed, rawTextOf } from '@shoukou/protocol'
import type { Sensor, SensorContext } from '../sensor.ts'
import { type CoverageState, SensorRun } from '../sensor-run.ts'
import { loadUsbDetection, type UsbDetection } from './load-usb-detection.ts'

export interface FoldersSensorOptions {
  readonly folders: readonly string[]
  /** Called when usb-detection, where it is there, saw something plugged: a hint for whoever takes snapshots. */
  readonly onUsbHint?: () => void
  readonly loadUsb?: () => Promise<UsbDetection>
}

type Activity = FactNamed<'file.activity'>

interface WatchedStats {
  readonly size: number
  isFile(): boolean
  isDirectory(): boolean
}

/** Returns the sensor; it runs once at a time. */
export function createFoldersSensor(options: FoldersSensorOptions): Sensor {
  return {
    name: 'folders',
    run: (context) => runFolders(options, context),
    /** chokidar compares by itself; there is nothing that another look would add. */
    rescan: () => Promise.resolve(),
  }
}

async function runFolders(options: FoldersSensorOptions, context: SensorContext): Promise<void> {
  const run = new SensorRun(context, () => Promise.resolve())
  const usb = await (options.loadUsb ?? loadUsbDetection)()
  const remarks = usb.kind === 'absent' ? `usb-detection is not there: ${usb.reason}` : null
  if (usb.kind === 'absent') context.log.info({ reason: usb.reason }, 'usb-detection is not there')
  else usb.start(() => options.onUsbHint?.())
  try {
    if (options.folders.length === 0) {
      run.cover({ state: 'watching', method: 'none-configured', reason: null, remedy: null })
      context.ready()
      await run.untilEnd()
    } else {
      await watchFolders(options.folders, context, run, remarks)
    }
  } finally {
    if (usb.kind === 'loaded') usb.stop()
  }
}

async function watchFolders(
  folders: readonly string[],
  context: SensorContext,
  run: SensorRun,
  remarks: string | null,
): Promise<void> {
  const { watch } = await import('chokidar')
  const watcher = watch([...folders], {
    ignoreInitial: true,
    alwaysStat: true,
    followSymlinks: false,
    persistent: true,
  })
  const state = (failed: string | null): CoverageState =>
    failed === null
      ? { state: 'watching', method: 'chokidar', reason: remarks, remedy: null }
      : {
          state: 'not-watched',
          method: 'chokidar',
          reason: failed,
          remedy: 'raise fs.inotify.max_user_watches, or configure folders that can be read',
        }
  const tell =
    (operation: Activity['operation'], entry: Activity['entry']) => (path: string, stats?: WatchedStats) => {
      const root = folders.find(
        (folder) => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`),
      )
      context.emit({
        kind: 'file.activity',
        operation,
        entry,
        root: rawTextOf(Buffer.from(root ?? '')),
        path: rawTextOf(Buffer.from(root === undefined ? path : relative(root, path))),
        renamedFrom: null,
        sizeBytes: entry === 'file' && stats !== undefined ? stats.size : null,
        isOnMedium: false,
        source: 'event',
      })
    }
  watcher.on('add', tell('created', 'file'))
  watcher.on('addDir', tell('created', 'folder'))
  watcher.on('change', tell('modified', 'file'))
  watcher.on('unlink', tell('deleted', 'file'))
  watcher.on('unlinkDir', tell('deleted', 'folder'))
  // Without this a full watch table would end the whole process.
  watcher.on('error', (error) => {
    const reason = error instanceof Error ? error.message : String(error)
    context.log.error({ reason }, 'a configured folder cannot be watched')
    run.cover(state(reason))
  })
  try {
    await new Promise<void>((resolve) => {
      watcher.once('ready', resolve)
      context.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    run.cover(state(null))
    context.ready()
    await run.untilEnd()
  } finally {
    await watcher.close()
  }
}
