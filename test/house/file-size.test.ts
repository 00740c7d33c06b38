/** A file holds one idea. Past 400 lines it holds several and is named here; past 500 it fails. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { listSources, ROOT } from './tracked-files.ts'

const linesMax = 500
const linesToWarn = 400

/** Longer for a reason that is given here. */
const excused: Readonly<Record<string, string>> = {
  'console/web/i18n/en.ts': 'one flat list of words, a line each: there is no second idea to split off',
  'console/web/i18n/zh-cn.ts': 'the same list in Chinese, line by line beside the English one',
}

const lengths = listSources().map((file) => ({
  file,
  lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1,
}))

it('no source is longer than 500 lines', () => {
  const long = lengths.filter(({ file, lines }) => lines > linesMax && excused[file] === undefined)
  const close = lengths.filter(({ lines }) => lines > linesToWarn && lines <= linesMax)
  if (close.length > 0) {
    const list = close.map(({ file, lines }) => `  ${lines} ${file}`).join('\n')
    process.stdout.write(`Longer than ${linesToWarn} lines, split them before they grow:\n${list}\n`)
  }
  expect(long.map(({ file, lines }) => `${file}: ${lines} lines`)).toEqual([])
})

it('no excuse outlives its file', () => {
  const needed = new Set(lengths.filter(({ lines }) => lines > linesMax).map(({ file }) => file))
  expect(Object.keys(excused).filter((file) => !needed.has(file))).toEqual([])
})
