/** Builds what takes bundles of computers without a network, from the console's other parts. */
import type { EnrolmentAnswer, EnrolmentRequest } from '@shoukou/protocol'
import type { PolicyPort } from './api/ports.ts'
import type { ConsoleConfig } from './base/config.ts'
import type { Log } from './base/log.ts'
import type { Ingest } from './ingest/ports.ts'
import type { ConsoleKeys } from './pki/key-store.ts'
import { receiptsWith } from './pki/receipts.ts'
import type { Signer } from './pki/signer.ts'
import type { Store } from './store/ports.ts'
import { type Bundles, createBundles } from './workflows/bundles/create-bundles.ts'
import type { BundleParts } from './workflows/bundles/ports.ts'
import type { PackageMaker } from './workflows/bundles/return-package.ts'

export interface OpenBundlesOptions {
  readonly store: Store
  readonly keys: ConsoleKeys
  readonly signer: Signer
  readonly ingest: Ingest
  readonly identity: BundleParts['identity']
  readonly witnesses: BundleParts['witnesses']
  readonly config: ConsoleConfig
  readonly log: Log
  readonly now: () => number
  readonly ceilingsAfter: PackageMaker['ceilingsAfter']
  readonly policies: Pick<PolicyPort, 'createToken'>
  readonly enrol: (request: EnrolmentRequest, address: string) => Promise<EnrolmentAnswer>
}

export async function openBundles(options: OpenBundlesOptions): Promise<Bundles> {
  const { store, keys, signer, ingest, identity, witnesses, config, now, ceilingsAfter, policies, enrol } =
    options
  const receipts = receiptsWith(keys.receiptKey)
  const log = {
    info: (fields: object, message: string) => options.log.info(fields, message),
    warn: (fields: object, message: string) => options.log.warn(fields, message),
  }
  return await createBundles({
    ...{ store, keys, signer, ingest, identity, witnesses, now, log, ceilingsAfter, enrol },
    dataDir: config.dataDir,
    receipt: (agent, stored) => receipts.make(agent, stored),
    createToken: ({ number, settings }, account) =>
      policies.createToken(
        {
          ...(number === undefined ? {} : { number }),
          ...(settings === undefined ? {} : { settings }),
        },
        account,
      ),
    consoleUrl: () => `https://${config.names[0] ?? config.listen}:${config.port}`,
  })
}
