/**
 * The log as CSV (RFC 4180). A spreadsheet takes a cell that begins with = + - @ (of full width too, where it speaks Chinese)
 * for a formula, and what a device or a person wrote may begin so: such cells get a quote in front. Control characters are shown, never sent on.
 */
import type { Action } from '../contract-trail.ts'

const columns = [
  'id',
  'time',
  'account',
  'role',
  'person',
  'act',
  'object',
  'detail',
  'reason',
  'outcome',
  'code',
  'address',
] as const

/** A mark of UTF-8 in front: spreadsheets take it for the system's own encoding without. */
export const CSV_HEAD = `\uFEFF${columns.join(',')}\r\n`

/** Returns one line, with its end. */
export function csvLine(action: Action): string {
  const {
    id,
    at,
    account,
    role,
    person,
    action: act,
    object,
    detail,
    reason,
    outcome,
    code,
    address,
  } = action
  const cells = [
    id,
    new Date(at).toISOString(),
    account,
    role,
    person,
    act,
    object,
    detail,
    reason,
    outcome,
    code,
    address,
  ]
  return `${cells.map((cell) => csvCell(String(cell ?? ''))).join(',')}\r\n`
}

/** Returns one cell. */
export function csvCell(text: string): string {
  const shown = text.replaceAll(
    hidden,
    (one) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
  const harmless = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(shown) ? `'${shown}` : shown
  return `"${harmless.replaceAll('"', '""')}"`
}

/** Controls, line and paragraph separators, and what turns the direction of text. */
const hidden = /[\p{Cc}\u2028\u2029\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/gu
