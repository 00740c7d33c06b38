/** What the report form of a suspected leak begins with. */
import { expect, it } from 'vitest'
import type { ViolationRow } from '../../store/ports.ts'
import { type LeakFormKnown, prefillLeakForm } from './leak-form.ts'

const violation: ViolationRow = {
  ...{ id: 7, agent: 'agent-1', number: 'FM-0100', key: 'k', type: 'classified-media-on-unclassified-host' },
  ...{ severity: 'critical', level: 'unclassified', policyVersion: 1, evidence: '{}', epoch: 'e', seq: 1 },
  ...{ occurredAt: Date.parse('2026-11-22T10:00:00+08:00'), receivedAt: 1, endedAt: null },
}
const known: LeakFormKnown = {
  ...{ violation, headline: { zh: '', en: '' }, basis: [], clock: null, steps: [], statements: [] },
  ...{ custodian: '李四', department: '办公室', room: '301', zone: 'Asia/Shanghai' },
  medium: { number: 'YM-0001', level: 'top-secret' },
}

it('names computer and medium each with the level that the register gives it', () => {
  const { items } = prefillLeakForm(known)
  expect(items.zh.split('\n').slice(0, 2)).toEqual([
    '载体形式：计算机 FM-0100，密级：非密（登记密级）',
    '载体形式：介质 YM-0001，密级：绝密（登记密级）',
  ])
  expect(prefillLeakForm({ ...known, medium: { number: 'YM-9', level: null } }).items.zh).toContain('未登记')
  expect(prefillLeakForm({ ...known, violation: { ...violation, number: '' } }).items.zh).not.toContain(
    '计算机',
  )
})

it('tells where it happened by the computer, also where it is about a medium', () => {
  expect(prefillLeakForm(known).course.zh).toContain('地点：办公室 301')
})
