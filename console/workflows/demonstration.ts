/** What a console whose data are made up refuses: to watch anything real. */
import { ShoukouError } from '@shoukou/protocol'
import type { Store } from '../store/ports.ts'

/** The refusal, with the remedy. */
export function noRealComputer(): ShoukouError {
  return new ShoukouError(
    'demonstration-only',
    'This console is a demonstration and takes no real computer; start one of your own on an empty data folder.',
  )
}

/** @throws ShoukouError `demonstration-only` where the store is a demonstration's. */
export async function assertNoDemonstration(store: Pick<Store, 'demonstrationSince'>): Promise<void> {
  if ((await store.demonstrationSince()) !== null) throw noRealComputer()
}
