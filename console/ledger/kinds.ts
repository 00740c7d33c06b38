/** The registers that one mechanism keeps, by name. Media have a register of their own, with passports and seals. */
import { CARRIERS } from './carriers.ts'
import { COMPUTERS } from './computers.ts'
import { type Kind, LEDGER_KINDS, type LedgerKindName } from './fields.ts'
import { MACHINES } from './machines.ts'
import { PEOPLE } from './people.ts'

const kinds: Readonly<Record<LedgerKindName, Kind>> = {
  computers: COMPUTERS,
  machines: MACHINES,
  people: PEOPLE,
  carriers: CARRIERS,
}

/** Returns a register's definition. */
export function kindOf(name: LedgerKindName): Kind {
  return kinds[name]
}

/** Returns the name of a register where a text is one; else null. */
export function ledgerKindName(text: string): LedgerKindName | null {
  return LEDGER_KINDS.find((one) => one === text) ?? null
}
