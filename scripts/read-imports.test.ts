import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSource } from './read-imports.ts'

const importsOf = (text: string) =>
  readSource(text).imports.map(({ specifier, line }) => `${line} ${specifier}`)

describe('reading imports', () => {
  it('finds every form, each with its line', () => {
    const text = [
      "import './a.ts'",
      "import b from './b.ts'",
      'import {',
      '  c,',
      "} from './c.ts'",
      "export * from './d.ts'",
      "export { e } from './e.ts'",
      "const f = await import('./f.ts')",
      "const g = require('./g.cjs')",
      "import type { H } from './h.ts'; import i from './i.ts'",
      "import * as j from'./j.ts'",
    ].join('\n')
    expect(importsOf(text)).toEqual([
      '1 ./a.ts',
      '2 ./b.ts',
      '5 ./c.ts',
      '6 ./d.ts',
      '7 ./e.ts',
      '8 ./f.ts',
      '9 ./g.cjs',
      '10 ./h.ts',
      '10 ./i.ts',
      '11 ./j.ts',
    ])
  })

  it('knows which are erased', () => {
    const text =
      "import type { A } from './a.ts'\nimport { type B } from './b.ts'\nexport type { C } from './c.ts'"
    expect(readSource(text).imports.map(({ isTypeOnly }) => isTypeOnly)).toEqual([true, false, true])
  })

  it.each([
    ["// import './a.ts'"],
    ["/* import './a.ts'\n import './b.ts' */"],
    ['const text = "import \'./a.ts\'"'],
    ["const text = `\nimport './a.ts'\n${1}\nimport './b.ts'`"],
    ["const pattern = /import '.\\/a.ts'/"],
    ["const imports = from('./a.ts')"],
    ["object.import('./a.ts')"],
  ])('is not taken in by %j', (text) => {
    expect(importsOf(text)).toEqual([])
  })

  it('reads on after what looks like an open string or comment', () => {
    const tail = "\nimport './a.ts'"
    for (const head of [
      "<p>don't</p>",
      'const pattern = /["\'`]/g',
      'const pattern = /[/*]/',
      "const address = 'https://x'",
      'const half = a / b; const other = "/"',
      'const text = `${`inner ${"}"} `} // no comment`',
      "const escaped = 'it\\'s'",
    ]) {
      expect(importsOf(head + tail)).toEqual(['2 ./a.ts'])
    }
  })

  it('finds imports inside the code of a template', () => {
    expect(importsOf("const text = `a ${await import('./a.ts')} b`")).toEqual(['1 ./a.ts'])
  })

  it('finds the strings, also the pieces of templates', () => {
    const { literals } = readSource("read('/proc/1')\nread(`/sys/${name}/x`)")
    expect(literals).toEqual([
      { text: '/proc/1', line: 1 },
      { text: '/sys/', line: 2 },
      { text: '/x', line: 2 },
    ])
  })

  it('finds no fewer than a plain search at line starts does, in the real sources', () => {
    for (const folder of ['protocol', 'scripts']) {
      const path = join(import.meta.dirname, '..', folder)
      for (const name of readdirSync(path).filter((one) => /(?<!test)\.ts$/.test(one))) {
        const text = readFileSync(join(path, name), 'utf8')
        const plain = [...text.matchAll(/^(?:import|export)\b[^'"`;]*?from '([^']+)'$/gm)].map(
          (match) => match[1],
        )
        expect(readSource(text).imports.map(({ specifier }) => specifier)).toEqual(
          expect.arrayContaining(plain),
        )
      }
    }
  })
})
