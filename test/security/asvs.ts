/**
 * OWASP ASVS 5.0.0: every requirement of levels 1 and 2, and those of level 3 that are held to, each with the tests that
 * prove it, with the reason why it is done otherwise or speaks of nothing here, or with what is still missing.
 *
 * A list of what was looked at, not a certificate.
 */
import type { Requirement } from './asvs/requirement.ts'
import { V1 } from './asvs/v01-encoding.ts'
import { V2 } from './asvs/v02-business-logic.ts'
import { V3 } from './asvs/v03-browser.ts'
import { V4, V5 } from './asvs/v04-api-and-files.ts'
import { V6 } from './asvs/v06-authentication.ts'
import { V7, V8, V9 } from './asvs/v07-sessions-and-authorization.ts'
import { V10, V17 } from './asvs/v10-not-there.ts'
import { V11, V12 } from './asvs/v11-cryptography.ts'
import { V13, V14 } from './asvs/v13-configuration-and-data.ts'
import { V15, V16 } from './asvs/v15-code-and-logs.ts'

export const ASVS: readonly Requirement[] = [
  ...[V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14, V15, V16, V17],
].flat()

/** How many may be open: lowered with each one that is closed, never raised. */
export const OPEN_MAX = 0
