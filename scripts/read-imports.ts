/**
 * Reads what a TypeScript source imports, and its string literals, each with its line. Pure: text in, lists out.
 *
 * A small lexer rather than a compiler: TypeScript 7 has no API to ask, and esbuild leaves out imports of types alone,
 * which are dependencies too. It knows comments, strings, templates with code inside, and regular expressions.
 */

export interface Import {
  readonly specifier: string
  readonly line: number
  /** `import type`: erased before it runs. `import { type A }` is not, under verbatimModuleSyntax. */
  readonly isTypeOnly: boolean
}

export interface Literal {
  readonly text: string
  readonly line: number
}

export interface Source {
  readonly imports: readonly Import[]
  readonly literals: readonly Literal[]
}

/** Reads one source file's text. */
export function readSource(text: string): Source {
  const { code, literals } = blank(text)
  return { imports: findImports(code, literals), literals }
}

interface Blanked {
  /** The text with comments gone and each literal replaced by its number between marks. */
  readonly code: string
  readonly literals: readonly Literal[]
}

const mark = '\u0001'
const statement = new RegExp(
  String.raw`(?<![\w$.])(?:(?:import|export)\s*(type\b\s*)?[^;${mark}()]*?\bfrom\s*|import\s*\(\s*|import\s*|require\s*\(\s*)${mark}(\d+)${mark}`,
  'g',
)

function findImports(code: string, literals: readonly Literal[]): Import[] {
  const imports: Import[] = []
  for (const match of code.matchAll(statement)) {
    const [, typeKeyword, index] = match
    const literal = literals[Number(index)]
    if (literal === undefined) continue
    imports.push({ specifier: literal.text, line: literal.line, isTypeOnly: typeKeyword !== undefined })
  }
  return imports
}

function blank(text: string): Blanked {
  const literals: Literal[] = []
  let code = ''
  let line = 1
  let at = 0
  /** For each open template: how many braces are open in the code inside it. */
  const templates: number[] = []

  const literal = (value: string, startLine: number): void => {
    code += `${mark}${literals.length}${mark}`
    literals.push({ text: value, line: startLine })
  }
  const readTemplate = (): void => {
    const startLine = line
    let value = ''
    while (at < text.length) {
      const char = text[at] ?? ''
      if (char === '\\') {
        value += text.slice(at, at + 2)
        if (text[at + 1] === '\n') line += 1
        at += 2
      } else if (char === '`') {
        at += 1
        literal(value, startLine)
        return
      } else if (char === '$' && text[at + 1] === '{') {
        at += 2
        literal(value, startLine)
        templates.push(0)
        return
      } else {
        if (char === '\n') line += 1
        value += char
        at += 1
      }
    }
    literal(value, startLine)
  }

  while (at < text.length) {
    const char = text[at] ?? ''
    const two = text.slice(at, at + 2)
    if (two === '//') {
      while (at < text.length && text[at] !== '\n') at += 1
    } else if (two === '/*') {
      const end = text.indexOf('*/', at + 2)
      const comment = text.slice(at, end === -1 ? text.length : end + 2)
      line += comment.split('\n').length - 1
      at += comment.length
      code += ' '
    } else if (char === '"' || char === "'") {
      const value = quoted(text, at)
      if (value === null) {
        code += ' '
        at += 1
      } else {
        literal(value, line)
        at += value.length + 2
      }
    } else if (char === '`') {
      at += 1
      readTemplate()
    } else if (char === '/' && mayBeginPattern(code)) {
      const length = patternLength(text, at)
      code += length === 0 ? '/' : ' '
      at += Math.max(1, length)
    } else {
      const open = templates.at(-1)
      if (open !== undefined && char === '{') templates[templates.length - 1] = open + 1
      if (open !== undefined && char === '}') {
        if (open === 0) {
          templates.pop()
          at += 1
          readTemplate()
          continue
        }
        templates[templates.length - 1] = open - 1
      }
      if (char === '\n') line += 1
      code += char
      at += 1
    }
  }
  return { code, literals }
}

/** Returns what stands between the quotes, or null where the line ends first: an apostrophe in JSX text. */
function quoted(text: string, start: number): string | null {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at]
    if (char === '\n') return null
    if (char === '\\') at += 1
    else if (char === quote) return text.slice(start + 1, at)
  }
  return null
}

/** A slash divides after a value, and begins a pattern after anything else. */
function mayBeginPattern(code: string): boolean {
  const before = code.trimEnd()
  if (/(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|await|yield)$/.test(before)) return true
  return before === '' || /[(,=:[!&|?{};+\-*%~^<>]$/.test(before)
}

function patternLength(text: string, start: number): number {
  let isInClass = false
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at]
    if (char === '\n') return 0
    if (char === '\\') at += 1
    else if (char === '[') isInClass = true
    else if (char === ']') isInClass = false
    else if (char === '/' && !isInClass) return at + 1 - start
  }
  return 0
}
