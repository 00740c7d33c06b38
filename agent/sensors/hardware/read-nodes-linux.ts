/** Reads the nodes of the kernel's classes and its radio switches from <sys>/class. Only reads. */
import { readdirSync, readFileSync } from 'node:fs'
import { rawTextOf } from '@shoukou/protocol'
import { type ClassNode, NODE_CLASSES, type NodeClass, type RadioSwitch } from './hardware-view.ts'
import type { SysfsReader } from './sysfs-folder-linux.ts'

/** Names worth reading in classes that hold much else. */
const NAMES: Readonly<Partial<Record<NodeClass, RegExp>>> = {
  video4linux: /^video\d+$/,
  sound: /^pcmC\d+D\d+[cp]$/,
  tty: /^tty(?:ACM|USB|HS)\d+$/,
}

export interface NodeQuestions {
  /** Asks a video node whether it captures; null where it can't be told. */
  readonly mayCapture: (name: string, number: string | null) => Promise<boolean | null>
  readonly proc: string
}

export async function readNodes(reader: SysfsReader, questions: NodeQuestions): Promise<ClassNode[]> {
  const found: ClassNode[] = []
  for (const kind of NODE_CLASSES) {
    const pattern = NAMES[kind]
    for (const name of reader.list(`class/${kind}`)) {
      if (pattern !== undefined && !pattern.test(name)) continue
      await reader.breathe()
      const folder = `class/${kind}/${name}`
      const path = reader.place(folder)
      // A link that leads nowhere, and the thousands of interfaces of containers: no hardware is behind either.
      if (path === null || path.startsWith('/devices/virtual/net/')) continue
      const devtype = /^DEVTYPE=(.*)$/m.exec(reader.word(`${folder}/uevent`) ?? '')?.[1] ?? null
      found.push({ class: kind, name, path, devtype, ...(await detailsOf(reader, questions, kind, name)) })
    }
  }
  return found
}

type Details = Pick<ClassNode, 'label' | 'isCapable' | 'detail' | 'driver'>

async function detailsOf(
  reader: SysfsReader,
  questions: NodeQuestions,
  kind: NodeClass,
  name: string,
): Promise<Details> {
  const folder = `class/${kind}/${name}`
  const driver = reader.linkName(`${folder}/device/driver`)
  const none: Details = { label: null, isCapable: null, detail: null, driver }
  if (kind === 'net')
    return { ...none, isCapable: reader.has(`${folder}/phy80211`) || reader.has(`${folder}/wireless`) }
  if (kind === 'video4linux') {
    const isCapable = await questions.mayCapture(name, reader.word(`${folder}/dev`))
    return { ...none, label: reader.text(`${folder}/name`), isCapable }
  }
  if (kind !== 'sound') return none
  const card = /^pcmC(\d+)D/.exec(name)?.[1] ?? ''
  // `device` of a PCM is its card; the card's own device has the driver.
  const cardDriver = reader.linkName(`class/sound/card${card}/device/driver`)
  const detail = name.endsWith('c') ? captureDetail(questions.proc, card) : null
  return { label: readCardName(questions.proc, card), isCapable: null, detail, driver: cardDriver }
}

/** What the HDA codecs of a card say of their pins: a microphone that is built in, a socket for one, or nothing. */
function captureDetail(proc: string, card: string): string {
  const folder = `${proc}/asound/card${card}`
  let text = ''
  try {
    for (const name of readdirSync(folder)
      .filter((one) => /^codec#\d+$/.test(one))
      .slice(0, 16))
      text += readFileSync(`${folder}/${name}`, 'latin1').slice(0, 262_144)
  } catch {
    // No HDA card, or /proc is not there: then only that it captures is known.
    return 'capture-device'
  }
  if (/^[ \t]*Pin Default 0x[0-9a-f]+: \[(?:Fixed|Both)\] Mic /m.test(text)) return 'built-in-microphone'
  return /^[ \t]*Pin Default 0x[0-9a-f]+: \[Jack\] Mic /m.test(text) ? 'microphone-jack' : 'capture-device'
}

function readCardName(proc: string, card: string): ClassNode['label'] {
  try {
    const id = readFileSync(`${proc}/asound/card${card}/id`)
    const trimmed = id.at(-1) === 0x0a ? id.subarray(0, -1) : id
    return trimmed.length === 0 ? null : rawTextOf(trimmed.subarray(0, 256))
  } catch {
    // A card without a name of its own.
    return null
  }
}

export async function readSwitches(reader: SysfsReader): Promise<RadioSwitch[]> {
  const found: RadioSwitch[] = []
  for (const name of reader.list('class/rfkill')) {
    await reader.breathe()
    const folder = `class/rfkill/${name}`
    const path = reader.place(folder)
    const type = reader.word(`${folder}/type`)
    if (path === null || type === null) continue
    // `soft` and `hard` since 2.6.39; `state` (0 soft, 1 open, 2 hard) alone before.
    const state = reader.word(`${folder}/state`)
    const soft = reader.word(`${folder}/soft`)
    const hard = reader.word(`${folder}/hard`)
    found.push({
      name,
      path,
      type,
      isSoftBlocked: soft === null ? state === '0' : soft !== '0',
      isHardBlocked: hard === null ? state === '2' : hard !== '0',
    })
  }
  return found
}
