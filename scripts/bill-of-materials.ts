/**
 * The bill of materials of what is installed: CycloneDX 1.6, made from the lock file alone, so that the same lock file gives
 * the same bytes. What npm was told of a licence stands there as it was told; nothing is looked up on a network.
 */
import { createHash } from 'node:crypto'

export interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

export interface LockFile {
  readonly name: string
  readonly version: string
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface Component {
  readonly type: 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly scope: 'required' | 'optional' | 'excluded'
  readonly licenses: readonly { readonly expression: string }[]
  readonly hashes: readonly { readonly alg: 'SHA-512'; readonly content: string }[]
}

export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly serialNumber: string
  readonly version: 1
  readonly metadata: {
    readonly component: { readonly type: 'application'; readonly name: string; readonly version: string }
  }
  readonly components: readonly Component[]
}

/** Makes the bill. `excluded`: what only building and testing needs. */
export function billOfMaterials(lock: LockFile): BillOfMaterials {
  const components = Object.entries(lock.packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .map(([path, one]) => componentOf(path, one))
    .toSorted((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1))
  const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex')
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    metadata: { component: { type: 'application', name: lock.name, version: lock.version } },
    components,
  }
}

function componentOf(path: string, one: LockedPackage): Component {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const version = one.version ?? ''
  // Package URL specification: the scope is the namespace, its @ encoded.
  const purl = `pkg:npm/${name.replace(/^@/, '%40')}@${version}`
  const [algorithm, base64] = (one.integrity ?? '').split('-', 2)
  const content = algorithm === 'sha512' ? Buffer.from(base64 ?? '', 'base64').toString('hex') : null
  return {
    type: 'library',
    // One version may stand in two places.
    'bom-ref': `${purl}#${path}`,
    name,
    version,
    purl,
    scope: one.dev === true ? 'excluded' : one.optional === true ? 'optional' : 'required',
    licenses: one.license === undefined ? [] : [{ expression: one.license }],
    hashes: content === null ? [] : [{ alg: 'SHA-512', content }],
  }
}

/** A UUID of version 8 (RFC 9562 §5.8) out of a digest: the same components, the same number. */
function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
