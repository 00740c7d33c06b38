/**
 * The tests of one area's parsers on hostile input. How many inputs each gets and from which seed:
 * `npm run test:security -- --inputs N --seed S`. What was ever found is kept in `corpus/` and comes first.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CANARY } from './canary.ts'
import { FuzzFinding, type FuzzTarget, runTarget } from './run-target.ts'

const inputs = Number(process.env['SHOUKOU_FUZZ_INPUTS'] ?? 100_000)
const seed = Number(process.env['SHOUKOU_FUZZ_SEED'] ?? 20_261_122)
const minutes = Math.max(10, Math.ceil(inputs / 10_000))

/** Declares a test for each target, and one that the planted fault is found. */
export function fuzzArea(area: string, targets: readonly FuzzTarget[]): void {
  describe(`${area}, with ${inputs} inputs of seed ${seed}`, { timeout: minutes * 60_000 }, () => {
    it.each(targets.map((target) => [target.name, target] as const))('%s', async (name, target) => {
      const kept = keptInputs(name)
      const outcome = await runTarget(target, { inputs, seed, kept }).catch((fault: unknown) => {
        if (fault instanceof FuzzFinding) keep(name, fault.input)
        throw fault
      })
      const { taken, refused, slowestMs, seconds } = outcome
      process.stdout.write(
        `fuzz ${name}: seed=${seed} inputs=${inputs} taken=${taken} refused=${refused} slowest_ms=${slowestMs.toFixed(1)} per_s=${Math.round(inputs / seconds)}\n`,
      )
      expect(taken).toBeGreaterThan(0)
      if (target.takesAll !== true) expect(refused).toBeGreaterThan(inputs / 10)
    })

    it('and finds the planted fault', async () => {
      await expect(runTarget(CANARY, { inputs, seed })).rejects.toThrow(
        /the planted fault: seed .*RangeError/,
      )
    })
  })
}

/** Inputs that once broke a parser: it is tried on them first, for ever. */
function keptInputs(name: string): Buffer[] {
  const folder = join(import.meta.dirname, 'corpus', slug(name))
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((file) => readFileSync(join(folder, file)))
}

/** Puts a finding where it can be looked at, and moved into `corpus/` with the fault's mending. */
function keep(name: string, input: Buffer): void {
  const folder = join(import.meta.dirname, '../../../.cache/fuzz', slug(name))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${seed}-${input.length}.bin`), input)
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}
