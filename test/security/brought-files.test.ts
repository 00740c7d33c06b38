/**
 * Files that people bring: a sheet whose parts climb out of it reads and writes nothing elsewhere, and what is refused is not kept.
 * (Paths of what was sent were the way in with CVE-2026-30893 and CVE-2021-26814.)
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSheet } from '../../console/workflows/sheets/spreadsheet.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { zipOf } from './attackers/zip.ts'

const rels = 'http://schemas.openxmlformats.org/package/2006/relationships'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const head = '<?xml version="1.0" encoding="UTF-8"?>'

/** The least that is a workbook; its only sheet is where `target` says. */
function sheetOf(target: string, more: Readonly<Record<string, string>> = {}): Buffer {
  return zipOf({
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>`,
    '_rels/.rels': `${head}<Relationships xmlns="${rels}"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="${rels}"><Relationship Id="r1" Type="${office}/worksheet" Target="${target}"/></Relationships>`,
    'xl/worksheets/sheet1.xml': worksheet('own'),
    ...more,
  })
}
const worksheet = (text: string): string =>
  `${head}<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>${text}</t></is></c></row></sheetData></worksheet>`

/** What the first cell says, or that it was refused. */
async function firstCell(bytes: Uint8Array): Promise<string> {
  try {
    const { rows } = await readSheet(bytes)
    return JSON.stringify(rows[0]?.[0] ?? null)
  } catch (error) {
    expect(error).toBeInstanceOf(ShoukouError)
    return 'refused'
  }
}

describe('a sheet', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoukou-climb-'))
    await writeFile(join(folder, 'outside.xml'), worksheet('outside'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('that is one is read', async () => {
    expect(await firstCell(sheetOf('worksheets/sheet1.xml'))).toContain('own')
  })

  it('whose parts climb out of it writes nothing there, and says no more than it would without them', async () => {
    const climbing = (name: string): string => `${'../'.repeat(30)}${folder.slice(1)}/${name}`
    for (const name of [
      climbing('climbed.xml'),
      join(folder, 'climbed.xml'),
      `xl/worksheets/${climbing('climbed.xml')}`,
      climbing('climbed.xml').replaceAll('/', '\\'),
      `xl/sheet.xml\0${climbing('climbed.xml')}`,
    ]) {
      const said = await firstCell(sheetOf('worksheets/sheet1.xml', { [name]: worksheet('climbed') }))
      expect(said === 'refused' || said.includes('own'), `${name}: ${said}`).toBe(true)
    }
    expect(await readdir(folder)).toEqual(['outside.xml'])
  })

  it('that points to a file outside of it is not followed', async () => {
    const outside = join(folder, 'outside.xml')
    expect(await readFile(outside, 'utf8')).toContain('outside')
    for (const target of [
      outside,
      `${'../'.repeat(30)}${outside.slice(1)}`,
      `file://${outside}`,
      '/etc/hostname',
    ])
      expect(await firstCell(sheetOf(target)), target).not.toContain('outside')
  })
})

describe('what is brought to a running console', () => {
  /** The test file that every scanner of viruses knows, in two halves: this source is none. */
  const known = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-')
  let console: TestConsole
  let security: ApiClient
  beforeAll(async () => {
    console = await startTestConsole()
    security = await console.signIn('secadmin')
  })
  afterAll(() => console[Symbol.asyncDispose]())

  it('and is not what it says is refused, kept nowhere, and comes back from nowhere', async () => {
    const sheet = Buffer.from(known).toString('base64')
    await expect(
      security.send('POST', '/api/media/import', { name: 'known.xlsx', file: sheet }),
    ).rejects.toThrow(/spreadsheet-refused|^422 /)
    const within = sheetOf('worksheets/sheet1.xml', { 'xl/vbaProject.bin': known, 'xl/embedded.exe': known })
    await security
      .send('POST', '/api/media/import', { name: 'known.xlsx', file: within.toString('base64') })
      .catch((error: unknown) => expect(String(error)).toMatch(/4\d\d /))
    // In the data folder, as the console has it now: database, its log, bundles, whatever was put aside.
    const files = await readdir(console.dataDir, { recursive: true, withFileTypes: true })
    const looked = files.filter((one) => one.isFile())
    expect(looked.length).toBeGreaterThan(5)
    for (const one of looked)
      expect((await readFile(join(one.parentPath, one.name))).includes(known.slice(40)), one.name).toBe(false)
  })
})
