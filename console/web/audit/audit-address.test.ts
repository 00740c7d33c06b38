import { expect, it } from 'vitest'
import { auditFilterOf, auditQueryOf, dayOf, emptyAuditFilter, msOfDay } from './audit-address.ts'

it('reads from an address what it wrote there', () => {
  const filter = { account: 'li', acts: ['policy-change', 'sign-in'], object: 'a&b=c', fromMs: 5, toMs: 9 }
  expect(auditFilterOf(auditQueryOf(filter))).toEqual(filter)
  expect(auditFilterOf(new URLSearchParams('acts=,__proto__,Sign&from=-1&to=x'))).toEqual(emptyAuditFilter)
})

it('takes a day from its first moment to its last', () => {
  const [from, to] = [msOfDay('2026-03-01', false), msOfDay('2026-03-01', true)]
  expect([dayOf(from), dayOf(to), dayOf((to ?? 0) + 1)]).toEqual(['2026-03-01', '2026-03-01', '2026-03-02'])
  expect(msOfDay('1.3.2026', false)).toBeNull()
})
