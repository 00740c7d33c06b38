import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { billOfMaterials, type LockFile } from './bill-of-materials.ts'
import { root } from './checks/run-checks.ts'

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile
const bill = billOfMaterials(lock)

describe('the bill of materials', () => {
  it('has every package of the lock file once, with its hash', () => {
    const locked = Object.entries(lock.packages).filter(
      ([path, { link }]) => path.includes('node_modules/') && link !== true,
    )
    expect(bill.components).toHaveLength(locked.length)
    expect(new Set(bill.components.map((one) => one['bom-ref'])).size).toBe(locked.length)
    expect(bill.components.filter(({ hashes }) => hashes[0]?.content.length !== 128)).toEqual([])
  })

  it('is the same for the same lock file, and another for another', () => {
    expect(billOfMaterials(lock)).toEqual(bill)
    const [path = '', first] =
      Object.entries(lock.packages).find(([each]) => each.includes('node_modules/ws')) ?? []
    const other = billOfMaterials({
      ...lock,
      packages: { ...lock.packages, [path]: { ...first, version: '0.0.1' } },
    })
    expect(other.serialNumber).not.toBe(bill.serialNumber)
  })

  it('names what is shipped apart from what only builds and tests', () => {
    const scopeOf = (name: string) => bill.components.find((one) => one.name === name)?.scope
    expect(scopeOf('fastify')).toBe('required')
    expect(scopeOf('vitest')).toBe('excluded')
    expect(bill.components.find(({ name }) => name === '@fastify/cookie')?.purl).toMatch(
      /^pkg:npm\/%40fastify\/cookie@\d/,
    )
  })

  it('has licences that a unit may use, all of them known', () => {
    const allowed =
      /^(?:MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|MPL-2\.0|OFL-1\.1|WTFPL)$/
    const parts = ({ licenses }: (typeof bill.components)[number]) =>
      licenses.flatMap(({ expression }) => expression.replaceAll(/[()]/g, '').split(/ (?:OR|AND) /))
    expect(bill.components.filter((one) => parts(one).length === 0).map(({ name }) => name)).toEqual([])
    expect(
      bill.components
        .filter((one) => !parts(one).every((part) => allowed.test(part)))
        .map(({ name }) => name),
    ).toEqual([])
  })

  it('runs nobody’s script at installation but those of three named packages', () => {
    const scripted = Object.entries(lock.packages).filter(([, one]) => one.hasInstallScript === true)
    expect(scripted.map(([path]) => path).toSorted()).toEqual([
      'node_modules/esbuild',
      'node_modules/koffi',
      'node_modules/usb-detection',
    ])
  })
})
