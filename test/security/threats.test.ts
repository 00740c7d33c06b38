import { expect, it } from 'vitest'
import { missingTests } from './read-titles.ts'
import { THREATS } from './threats.ts'

it('each threat names tests that are there', async () => {
  expect(THREATS.length).toBeGreaterThan(14)
  for (const { what, by } of THREATS) expect(by.length, what).toBeGreaterThan(1)
  expect((await Promise.all(THREATS.map(({ by }) => missingTests(by)))).flat()).toEqual([])
})

it('each fault of others stands once, by a number that can be looked up', () => {
  const all = THREATS.flatMap(({ record }) => record)
  expect(new Set(all).size).toBe(all.length)
  for (const one of all) expect(one).toMatch(/^(?:CVE-\d{4}-\d{4,6}|GHSA(?:-[0-9a-z]{4}){3}|Debian #\d+)$/)
})

it('what is thin is said, and grows no longer by itself', () => {
  const thin = THREATS.filter((one) => one.thin !== null)
  process.stdout.write(
    `threats: ${THREATS.length}, of which thin: ${thin.map(({ what }) => what).join('; ')}\n`,
  )
  for (const { what, limit } of THREATS)
    if (limit !== undefined) process.stdout.write(`  ${what}: ${limit}\n`)
  expect(thin.length).toBe(0)
})
