/** A classification level: one neutral hue from dark to light, always with the Chinese word. */
import { LEVEL_NAMES, type Level } from '@shoukou/protocol/levels.ts'
import type { ReactNode } from 'react'
import { useText } from '../i18n/use-text.ts'

/** 秘密 is the lowest state-secret level: the English word alone would be read as a higher one. */
export function LevelTag({ level }: { readonly level: Level }): ReactNode {
  const { language } = useText()
  const { zh, en, tag } = LEVEL_NAMES[level]
  return (
    <span className={`level level-${level}`} data-testid="level" title={`${zh} · ${en} (${tag})`}>
      <span lang="zh-CN">{zh}</span>
      {language === 'en' ? <span lang="en"> {en}</span> : <span lang="en"> {tag}</span>}
    </span>
  )
}

/** The words alone, for lists to choose from. */
export function levelWords(level: Level, isEnglish: boolean): string {
  const { zh, en } = LEVEL_NAMES[level]
  return isEnglish ? `${zh} ${en}` : zh
}
