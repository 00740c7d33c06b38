/** What a reviewer sees is what runs: no bidi mark, no zero-width and no control character stands raw in a file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { listTrackedFiles, ROOT } from './tracked-files.ts'

// Everything that showRawText escapes, but for tab and line feed.
const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u
const isText = (file: string): boolean =>
  /\.(?:ts|tsx|cjs|mjs|js|json|jsonc|css|html|md|sh|c|h|svg|yml|yaml|toml|txt|service|conf)$/.test(file)
/** Bytes as they were observed or recorded: evidence is not edited. */
const isRecorded = (file: string): boolean => /(?:^|\/)fixtures\/.*(?:golden|recorded|captured)/.test(file)

function placesOf(text: string): string[] {
  return text.split('\n').flatMap((line, at) => {
    const code = hidden.exec(line)?.[0].codePointAt(0)
    return code === undefined ? [] : [`${at + 1} U+${code.toString(16).padStart(4, '0')}`]
  })
}

it('no text file holds a hidden character', () => {
  const files = listTrackedFiles().filter((file) => isText(file) && !isRecorded(file))
  const found = files.flatMap((file) =>
    placesOf(readFileSync(join(ROOT, file), 'utf8')).map((place) => `${file}:${place}`),
  )
  expect(files.length).toBeGreaterThan(50)
  expect(found).toEqual([])
})

it('would find one', () => {
  expect(placesOf('plain\nif (isAdmin\u202e) {')).toEqual(['2 U+202e'])
  expect(placesOf('\ufeffplain')).toEqual(['1 U+feff'])
  expect(placesOf('a\r\nb')).toEqual(['1 U+000d'])
  expect(placesOf('守口 \ttext')).toEqual([])
})
