/** The colours of the pages against what they stand on, as WCAG 2.2 counts: 4.5:1 for text (1.4.3), 3:1 for signs (1.4.11). */
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { kitTheme } from '../frame/kit-theme.ts'

interface Rule {
  readonly file: string
  readonly selector: string
  readonly declared: ReadonlyMap<string, string>
}

const folder = import.meta.dirname
const textMin = 4.5
const signMin = 3

function readRules(): readonly Rule[] {
  return globSync('*.css', { cwd: folder }).flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8').replace(/\/\*[^]*?\*\//g, '')
    // The innermost braces: rules of a media query are rules too.
    return [...text.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selector = '', body = '']) => ({
      file,
      selector: selector.trim().replace(/\s+/g, ' '),
      declared: new Map(
        body.split(';').flatMap((line) => {
          const at = line.indexOf(':')
          return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const]
        }),
      ),
    }))
  })
}

const rules = readRules()
/** A file's own names come before those of all: the wall has its own dark ones. */
function tokensOf(file: string): ReadonlyMap<string, string> {
  const named = (wanted: (rule: Rule) => boolean) =>
    rules.filter(wanted).flatMap(({ declared }) => [...declared].filter(([name]) => name.startsWith('--')))
  return new Map([
    ...named((rule) => rule.file === 'base.css' && rule.selector === ':root'),
    ...named((rule) => rule.file === file && rule.file !== 'base.css'),
  ])
}

/** `#rgb` or `#rrggbb` behind whatever names it; null for what is no plain colour. */
function colorIn(value: string | undefined, tokens: ReadonlyMap<string, string>): string | null {
  if (value === undefined) return null
  const name = /^var\((--[a-z\d-]+)\)$/.exec(value)?.[1]
  if (name !== undefined) return colorIn(tokens.get(name), tokens)
  const hex = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(value)?.[1]
  if (hex === undefined) return null
  return hex.length === 3 ? hex.replaceAll(/./g, '$&$&') : hex
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const plain = (color: string) => colorIn(color, new Map()) ?? ''

describe('contrast', () => {
  it('is counted as the standard counts it', () => {
    expect(contrast(plain('#000'), plain('#fff'))).toBeCloseTo(21, 5)
    expect(contrast(plain('#767676'), plain('#fff'))).toBeCloseTo(4.54, 2)
  })

  it('of every named colour of text is enough on every light ground', () => {
    const tokens = tokensOf('base.css')
    const inks = [
      '--ink',
      '--ink-2',
      '--ink-3',
      '--accent',
      '--red',
      '--amber',
      '--slate',
      '--green',
      '--grey',
    ]
    // Paper, the page, the head of a table.
    const grounds = ['#fff', '#f3f5f7', '#f7f9fa']
    const weak = inks.flatMap((ink) =>
      grounds
        .map((ground) => ({
          ink,
          ground,
          is: contrast(colorIn(tokens.get(ink), tokens) ?? '', plain(ground)),
        }))
        .filter(({ is }) => !(is >= (ink === '--grey' ? signMin : textMin))),
    )
    expect(weak).toEqual([])
  })

  it('of text is enough wherever a rule names both its colour and its ground', () => {
    const pairs = rules.flatMap(({ file, selector, declared }) => {
      const tokens = tokensOf(file)
      const ink = colorIn(declared.get('color'), tokens)
      const ground = colorIn(declared.get('background') ?? declared.get('background-color'), tokens)
      return ink === null || ground === null ? [] : [{ file, selector, is: contrast(ink, ground) }]
    })
    expect(pairs.length).toBeGreaterThan(20)
    expect(pairs.filter(({ is }) => is < textMin)).toEqual([])
  })

  it('of text alone is enough on the ground of its page', () => {
    // On the dark side of the navigation, on the wall, and on tinted grounds of their own: looked at by the rule above, or
    // by the engine in the browser.
    const onOther = /^\.side|\.watch-\w+ (rect|path)|\.wall|^\.tile-critical|^\.alarm-bar/
    const weak = rules
      .filter(({ file, selector, declared }) => {
        if (file === 'wall.css' || onOther.test(selector)) return false
        return !declared.has('background') && !declared.has('background-color')
      })
      .flatMap(({ file, selector, declared }) => {
        const ink = colorIn(declared.get('color'), tokensOf(file))
        const is = ink === null ? textMin : contrast(ink, plain('#f3f5f7'))
        return is < textMin ? [{ file, selector, is }] : []
      })
    expect(weak).toEqual([])
  })

  it('of text on the wall is enough on the dark of the wall', () => {
    const tokens = tokensOf('wall.css')
    const wall = rules.find(({ file, selector }) => file === 'wall.css' && selector === '.wall')
    const ground = colorIn(wall?.declared.get('background'), tokens)
    expect(ground).not.toBeNull()
    const weak = rules
      .filter(({ file, declared }) => file === 'wall.css' && !declared.has('background'))
      .flatMap(({ selector, declared }) => {
        const ink = colorIn(declared.get('color'), tokens)
        const is = ink === null || ground === null ? textMin : contrast(ink, ground)
        return is < textMin ? [{ selector, is }] : []
      })
    expect(weak).toEqual([])
  })

  it("of the kit's own texts is enough on paper, on the page and on the grounds of its notes", () => {
    const token = kitTheme.token as Readonly<Record<string, unknown>>
    const weak = ['colorText', 'colorTextSecondary', 'colorTextTertiary', 'colorTextDescription', 'colorLink']
      .flatMap((ink) =>
        ['colorErrorBg', 'colorWarningBg', 'colorInfoBg', 'colorSuccessBg', 'colorBgLayout'].map(
          (ground) => ({
            ink,
            ground,
            is: contrast(plain(String(token[ink])), plain(String(token[ground]))),
          }),
        ),
      )
      .filter(({ is }) => !(is >= textMin))
    expect(weak).toEqual([])
    // What a field shows before anything is typed is text too.
    expect(contrast(plain(String(token['colorTextPlaceholder'])), plain('#fff'))).toBeGreaterThanOrEqual(
      textMin,
    )
  })
})
