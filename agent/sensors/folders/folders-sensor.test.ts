import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { showRawText } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RecordingContext, withSensor } from '../testing/recording-context.ts'
import { createFoldersSensor } from './folders-sensor.ts'
import { loadUsbDetection } from './load-usb-detection.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoukou-folders-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('tells what is made, written and removed in a configured folder, and not what was there before', async () => {
  writeFileSync(join(folder, 'old.txt'), 'x')
  const context = new RecordingContext()
  await withSensor(createFoldersSensor({ folders: [folder] }), context, async () => {
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'sub', '机密.txt'), 'abc')
    await context.until(() => context.facts.length === 2)
    rmSync(join(folder, 'old.txt'))
    await context.until(() => context.facts.length === 3)
  })
  const told = context
    .named('file.activity')
    .map((fact) => `${fact.operation} ${fact.entry} ${showRawText(fact.path)}`)
  expect(told).toEqual(['created folder sub', 'created file sub/机密.txt', 'deleted file old.txt'])
  expect(context.facts[1]).toMatchObject({ root: folder, sizeBytes: 3, isOnMedium: false, source: 'event' })
})

it('says that nothing is configured where nothing is', async () => {
  const context = new RecordingContext()
  await withSensor(createFoldersSensor({ folders: [] }), context, async () => undefined)
  expect(context.covers).toEqual([
    { state: 'watching', method: 'none-configured', reason: null, remedy: null },
  ])
})

it('says that usb-detection is absent, and takes its hints where it is there', async () => {
  const absent = new RecordingContext()
  const loadUsb = () => Promise.resolve({ kind: 'absent' as const, reason: 'not built' })
  await withSensor(createFoldersSensor({ folders: [folder], loadUsb }), absent, async () => undefined)
  expect(absent.covers.at(-1)?.reason).toContain('not built')
  expect(absent.logged).toContainEqual(expect.objectContaining({ fields: { reason: 'not built' } }))

  let hints = 0
  let say: () => void = () => undefined
  let isStopped = false
  const present = new RecordingContext()
  const loaded = {
    kind: 'loaded' as const,
    start: (onHint: () => void) => {
      say = onHint
    },
    stop: () => {
      isStopped = true
    },
  }
  const options = { folders: [], onUsbHint: () => (hints += 1), loadUsb: () => Promise.resolve(loaded) }
  await withSensor(createFoldersSensor(options), present, async () => say())
  expect([hints, isStopped]).toEqual([1, true])
})

it('answers, and does not throw, when asked for usb-detection on this computer', async () => {
  expect(['loaded', 'absent']).toContain((await loadUsbDetection()).kind)
})
