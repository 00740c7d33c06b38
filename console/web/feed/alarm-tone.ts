/**
 * The sound itself, made in the page by Web Audio: nothing is fetched. A browser lets a page sound only after somebody
 * touched it; until then `sound` says that it could not.
 */
import type { Severity } from '../violations/filter-address.ts'

/** Hz and s of each tone: the worse, the more of them and the higher. */
const tones: Readonly<Record<Severity, readonly number[]>> = {
  critical: [880, 660, 880, 660],
  high: [740, 587],
  medium: [587],
  low: [440],
}
const toneSeconds = 0.22
const gapSeconds = 0.06
const loudness = 0.25

export interface AlarmTone {
  /** Sounds once; resolves to false where the browser did not let it. */
  sound(severity: Severity): Promise<boolean>
  /** Whether it could sound now, as far as the browser tells. */
  isBlocked(): boolean
  /** Call while somebody touches the page: from then on the browser lets it. */
  allow(): Promise<boolean>
}

/** Returns the tone; the browser's audio is opened with the first use. */
export function createAlarmTone(): AlarmTone {
  let audio: AudioContext | null = null
  const opened = (): AudioContext => {
    audio ??= new AudioContext()
    return audio
  }
  const allow = async (): Promise<boolean> => {
    const context = opened()
    // Where it is not allowed the promise waits for the touch that allows it: nobody waits with it.
    if (context.state !== 'running') await Promise.race([context.resume(), pause(200)])
    return context.state === 'running'
  }
  return {
    allow,
    isBlocked: () => audio !== null && audio.state !== 'running',
    async sound(severity) {
      if (!(await allow())) return false
      const context = opened()
      tones[severity].forEach((hertz, at) => {
        play(context, hertz, context.currentTime + at * (toneSeconds + gapSeconds))
      })
      return true
    },
  }
}

function play(context: AudioContext, hertz: number, from: number): void {
  const tone = context.createOscillator()
  const volume = context.createGain()
  tone.type = 'triangle'
  tone.frequency.value = hertz
  // Without a ramp each tone would crack.
  volume.gain.setValueAtTime(0, from)
  volume.gain.linearRampToValueAtTime(loudness, from + 0.02)
  volume.gain.setValueAtTime(loudness, from + toneSeconds - 0.04)
  volume.gain.linearRampToValueAtTime(0, from + toneSeconds)
  tone.connect(volume).connect(context.destination)
  tone.start(from)
  tone.stop(from + toneSeconds)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
