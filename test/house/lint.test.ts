/** The linter is not decoration: what must be an error is one, seen on planted sources. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ROOT } from './tracked-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoukou-lint-'))
  const compilerOptions = { strict: true, target: 'es2024', module: 'nodenext', noEmit: true, types: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function lint(source: string): { readonly status: number | null; readonly output: string } {
  writeFileSync(join(folder, 'planted.ts'), source)
  const program = join(ROOT, 'node_modules/.bin/oxlint')
  const args = ['--type-aware', '--format=unix', '-c', join(ROOT, '.oxlintrc.json'), folder]
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

it.each([
  ['no-floating-promises', 'export function f(work: Promise<void>): void {\n  work\n}\n'],
  ['no-misused-promises', 'export const f = async (): Promise<void> => {}\nif (f()) throw new Error()\n'],
  [
    'switch-exhaustiveness-check',
    "export function f(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n",
  ],
  ['no-explicit-any', 'export const f = (value: any): unknown => value\n'],
  ['eqeqeq', 'export const f = (a: number, b: number): boolean => a == b\n'],
])('%s is an error', { timeout: 30_000 }, (rule, source) => {
  const { status, output } = lint(source)
  expect(output).toContain(`(${rule})`)
  expect(status).toBe(1)
})

it('a source without fault passes', { timeout: 30_000 }, () => {
  expect(
    lint('export async function f(work: Promise<void>): Promise<void> {\n  await work\n}\n').status,
  ).toBe(0)
})
