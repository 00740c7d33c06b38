/**
 * What was done to others of this kind, and the tests that show it cannot be done here: faults of programs that watch computers, by
 * their public numbers. What no test shows whole is said beside it.
 */
import type { TestName } from './asvs/requirement.ts'
import * as t from './asvs/tests.ts'

export interface Threat {
  readonly what: string
  /** Faults of others, as they are publicly numbered. */
  readonly record: readonly string[]
  readonly by: readonly TestName[]
  /** What the tests leave, or null. */
  readonly thin: string | null
  /** What no test of a run can show, or what holds by the nature of the thing. Printed with each run. */
  readonly limit?: string
}

const fuzzed: readonly TestName[] = [[t.fuzzedApi, 'answers every one, and none with a fault']]

export const THREATS: readonly Threat[] = [
  {
    what: 'hostile data of a computer reaches SQL or a page',
    record: ['CVE-2023-28849', 'CVE-2023-35924', 'CVE-2023-46727', 'CVE-2025-24799', 'CVE-2025-66417'],
    by: [
      [t.sources, 'takes no value into its text'],
      [t.sources, 'is known to console/store alone'],
      [t.stored, 'is text in the list of violations'],
      [t.stored, 'is text on its own page'],
      [t.stored, 'is text on each further page'],
      [t.stored, 'runs no script that stands in a page'],
      ...fuzzed,
    ],
    thin: null,
  },
  {
    what: 'what was sent becomes an object of its own kind, or reaches a prototype',
    record: ['CVE-2025-24016', 'CVE-2026-25769', 'CVE-2026-28220', 'CVE-2026-44901'],
    by: [
      [t.frames, '%s with an unknown field is malformed'],
      [t.records, 'cannot reach a prototype'],
      [t.frames, 'cannot reach a prototype'],
      [t.hostile, '%s is refused in the contract’s words'],
      [t.sources, 'runs text as a program'],
    ],
    thin: null,
  },
  {
    what: 'one agent speaks for another',
    record: ['CVE-2022-35629'],
    by: [
      [t.claims, 'has none of ten thousand claims'],
      [t.claims, 'has no record stored that names another'],
      [t.identity, 'has none of a thousand claims accepted'],
    ],
    thin: null,
  },
  {
    what: 'a console that was taken over takes over all agents',
    record: ['CVE-2026-74040', 'CVE-2024-1243', 'CVE-2026-19583'],
    by: [
      [t.hostileConsole, 'are a closed set'],
      [t.hostileConsole, 'carry no field that could be a program'],
      [t.hostileConsole, 'gets nothing accepted that is beyond the ceiling'],
      [t.hostileConsole, 'signs nothing with a key that the ceiling'],
      [t.ceiling, 'counts only with enough different keys'],
      [t.orders, 'accepts a newer one, knows the same again, refuses an older one'],
    ],
    thin: null,
  },
  {
    what: 'a path is made of what was sent',
    record: ['CVE-2026-30893', 'GHSA-7jf5-fvgf-48c6', 'CVE-2021-26814'],
    by: [
      [t.hostile, 'do not give out %s'],
      [t.received, 'gives it a name of its own'],
      ['agent/bundle/export-bundle.test.ts', 'is there whole, for its owner alone'],
      [t.brought, 'whose parts climb out of it'],
      [t.brought, 'that points to a file outside of it'],
      [t.forwarding, 'are written into no folder of the console itself'],
    ],
    thin: null,
  },
  {
    what: 'memory or a parser before anybody proved who they are',
    record: ['CVE-2026-28221', 'CVE-2026-32984', 'CVE-2024-32038', 'CVE-2024-37890'],
    by: [
      [t.link, 'a peer without a certificate of this authority'],
      [t.oversized, 'a frame that claims a gigabyte'],
      [t.oversized, 'a gigabyte in pieces'],
      [t.oversized, 'a body that claims a gigabyte'],
      [t.oversized, 'more headers than are read end the request'],
      [t.written, 'names faults of libraries that are locked'],
      [t.faults, 'ends a connection that sends its request byte by byte'],
      [t.floods, '%s hold up nobody else'],
      ...fuzzed,
    ],
    thin: null,
    limit:
      'Fuzzing goes on for as long as somebody lets it: --inputs and --seed; a day of it is not part of a run.',
  },
  {
    what: 'the event loop is kept from everybody',
    record: ['CVE-2026-25771'],
    by: [
      [t.floods, '%s hold up nobody else'],
      [t.floods, 'a loop that is kept from everybody for a while'],
      [t.sources, 'waits for the disk while requests wait'],
      [t.accounts, 'is hashed for as many as may wait'],
    ],
    thin: null,
    limit:
      'Held to 50 ms of the loop’s own processor time; by the clock of a machine that attackers share, times are printed.',
  },
  {
    what: 'a flood blinds',
    record: ['CVE-2019-8339'],
    by: [
      [t.flood, 'a violation inside a flood of 100,000 records'],
      [t.faults, 'closes an agent that floods it with heartbeats'],
      ['agent/sensors/files/watched-tree.test.ts', 'says so at a real overflow'],
      ['agent/journal/quota.test.ts', 'drops bulk first'],
    ],
    thin: null,
  },
  {
    what: 'whoever sits at the computer switches control off',
    record: ['CVE-2019-25058', 'Debian #1135310'],
    by: [
      [t.self, 'lets a user without rights do nothing'],
      [t.self, 'puts its policy back where root alters it'],
      [t.self, 'held still by a stop signal'],
    ],
    thin: null,
  },
  {
    what: 'a device says it is another',
    record: [],
    by: [
      ['protocol/media/find-registered.test.ts', 'is suspected a clone by the policy seal'],
      ['agent/control/media-control.test.ts', 'refuses the second of two devices'],
      ['console/ingest/two-places.test.ts', 'finds one number at two computers'],
      ['protocol/media/judge-seal.test.ts', 'is refused as a copy on a clone'],
      ['agent/policy/decide-usb.test.ts', 'judges the union: a keyboard in the second configuration'],
      ['agent/policy/decide-usb.test.ts', 'does not let a composite in by cloned numbers'],
      ['protocol/usb/normalise-descriptors.test.ts', 'are the same with and without UAS'],
    ],
    thin: null,
    limit: 'A perfect clone with the seal of the original passes until both are seen.',
  },
  {
    what: 'an object of somebody else’s is reached by its name',
    record: ['GHSA-pr2g-j78h-84cr', 'CVE-2026-25963', 'CVE-2026-42318'],
    by: [
      [t.matrix, 'answers %s by the table'],
      [t.matrix, 'is walked here, for each kind'],
      [t.access, 'answers each role as the table says'],
      [t.access, 'names its access, and is known here'],
      [t.access, 'must name it, and how it is scoped'],
    ],
    thin: null,
  },
  {
    what: 'passwords are guessed from addresses that a header names',
    record: ['CVE-2026-46356'],
    by: [
      [t.forwarded, 'an account is locked after five wrong passwords'],
      [t.forwarded, 'a session is nobody’s but'],
      [t.sources, 'trusts a header that names another address'],
      [t.signIn, 'are refused, whatever address a header names'],
    ],
    thin: null,
  },
  {
    what: 'a line of a log or a cell of a sheet is forged',
    record: ['CVE-2026-44256'],
    by: [
      [t.lines, 'a line of the operators’ log is one line'],
      [t.lines, 'a cell of CSV is one cell'],
      [t.lines, 'reasons and names that people typed'],
      [t.lines, 'messages of syslog are as many'],
      [t.encode, 'never begins a header of a mail'],
      [t.stored, 'comes onto paper as visible text'],
    ],
    thin: null,
  },
  {
    what: 'a key of an agent or of the console is stolen',
    record: [],
    by: [
      [t.identity, 'ends the live connection, refuses the next handshake'],
      [t.identity, 'holds against a session that was made before it'],
      [t.identity, 'on another machine is refused while the known one'],
      [t.identity, 'with the same hardware, or none, is found'],
      ['protocol/journal-seal.test.ts', 'refuses an old entry sealed with a newer key'],
      [t.hostileConsole, 'signs nothing with a key that the ceiling'],
    ],
    thin: null,
    limit: 'Keys are files of their owner alone: none is held in a TPM.',
  },
  {
    what: 'a library brings its own',
    record: [],
    by: [
      [t.lock, 'the lock file holds the hash'],
      [t.lock, 'the lock file names no registry host'],
      [t.bill, 'has every package of the lock file once'],
      [t.bill, 'runs nobody’s script at installation'],
      [t.dependencies, 'names every dependency with a reason'],
      ['scripts/sign-folder.test.ts', 'is not proven with %s'],
      ['scripts/sign-folder.test.ts', 'the agent is built twice'],
      [t.written, 'names faults of libraries that are locked'],
    ],
    thin: null,
  },
]
