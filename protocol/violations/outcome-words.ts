/** How a thing ended, in words that claim no more than the record proves. Pure. */
import type { Lang } from './wording.ts'

export interface Outcome {
  readonly outcome?: 'detected' | 'blocked' | 'allowed'
  readonly wouldBlock?: boolean
  /** Of media alone: absent in evidence older than media control, and then nothing is said of it. */
  readonly exposure?: 'none' | 'not-verified'
}

/** Words it; an outcome that nobody recorded was only detected. */
export function outcomeInWords({ outcome, wouldBlock, exposure }: Outcome, lang: Lang): string {
  const isZh = lang === 'zh'
  switch (outcome ?? 'detected') {
    case 'blocked':
      if (exposure === 'none') return isZh ? '已阻断，无数据暴露' : 'blocked, no byte exposed'
      if (exposure === undefined) return isZh ? '已阻断' : 'blocked'
      return isZh ? '已阻断，是否有数据暴露未经证实' : 'blocked, exposure not verified'
    case 'allowed':
      return isZh ? '未阻断（策略允许）' : 'not blocked, allowed by policy'
    case 'detected':
      if (wouldBlock !== false) return isZh ? '已检测到（观察模式，未阻断）' : 'detected only, observe mode'
      return isZh ? '已检测到，未阻断' : 'detected only, not blocked'
  }
}
