/**
 * Parts each language's words in two while building: those of the first screens (sign-in, frame, overview), and the rest,
 * which other pages wait for. Words stay in the files where they are written; which are first is read from the sources.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'vite'
import { neededAtOnce, wordsInUse } from './i18n/words-in-use.ts'

const web = import.meta.dirname
/** What the first screens begin from; what these load later is named too where it may stand before every page. */
const entries = [
  'main.tsx',
  'overview/overview-page.tsx',
  'session/change-password.tsx',
  'session/second-factor-card.tsx',
]
const files: Readonly<Record<string, { readonly file: string; readonly name: string }>> = {
  'zh-CN': { file: 'i18n/zh-cn.ts', name: 'zhCN' },
  en: { file: 'i18n/en.ts', name: 'en' },
}
const wanted = /^virtual:(first|rest)-words\/(zh-CN|en)$/

export function splitWords(): Plugin {
  let isFirst: Promise<(key: string) => boolean> | undefined
  return {
    name: 'split-words',
    resolveId: (id) => (wanted.test(id) ? `\0${id}` : null),
    async load(id) {
      const [, part, language = ''] = wanted.exec(id.slice(1)) ?? []
      const from = files[language]
      if (!id.startsWith('\0virtual:') || from === undefined) return null
      isFirst ??= firstWords()
      const isWanted = await isFirst
      const module = (await import(pathToFileURL(join(web, from.file)).href)) as Record<string, unknown>
      const words = Object.entries(module[from.name] as Readonly<Record<string, string>>)
      const kept = words.filter(([key]) => isWanted(key) === (part === 'first'))
      if (kept.length === 0) throw new Error(`no ${part} words in ${from.file}`)
      return `export default ${JSON.stringify(Object.fromEntries(kept))}`
    },
  }
}

async function firstWords(): Promise<(key: string) => boolean> {
  const sources = new Map<string, string>()
  const visit = async (path: string): Promise<void> => {
    if (sources.has(path)) return
    const source = await readFile(path, 'utf8')
    sources.set(path, source)
    for (const needed of neededAtOnce(source)) await visit(join(dirname(path), needed))
  }
  for (const entry of entries) await visit(join(web, entry))
  return wordsInUse([...sources.values()])
}
