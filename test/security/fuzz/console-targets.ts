/** What a browser, a file that somebody brings, or whoever asks for a certificate reaches. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { readRequestKey } from '../../../console/pki/request-key.ts'
import { readSheet } from '../../../console/workflows/sheets/spreadsheet.ts'
import { writeSheet } from '../../../console/workflows/sheets/write-sheet.ts'
import type { FuzzTarget } from './run-target.ts'

const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
])
const request = await x509.Pkcs10CertificateRequestGenerator.create({
  name: 'CN=whoever',
  keys,
  signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
})
const sheet = Buffer.from(
  await writeSheet(
    'media',
    [
      ['编号', '密级'],
      ['YM-0001', '机密'],
    ],
    [10, 10],
  ),
)

export const CONSOLE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'certificate requests',
    reach: 'network',
    corpus: [Buffer.from(request.toString('pem'))],
    parse: (bytes) => readRequestKey(bytes.toString('utf8')),
  },
  { name: 'spreadsheets', reach: 'import', corpus: [sheet], parse: (bytes) => readSheet(bytes) },
]
