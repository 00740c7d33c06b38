/** ASVS V2: validation and business logic. */
import { proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

export const V2: readonly Requirement[] = [
  proven(
    '2.1.1',
    'rules for input are written down',
    [t.access, 'is in the OpenAPI document'],
    [t.documents, 'has the limits of the code'],
  ),
  proven('2.1.2', 'consistency of combined input written down', [
    t.written,
    'names the test of each rule on values',
  ]),
  proven('2.1.3', 'limits written down', [t.documents, 'has the limits of the code']),
  proven(
    '2.2.1',
    'input held to a schema',
    [t.frames, '%s with an unknown field is malformed'],
    [t.hostile, '%s is refused in the contract’s words'],
    [t.validate, 'becomes a number where the schema asks for one'],
    [t.fuzzedApi, 'answers every one'],
  ),
  proven(
    '2.2.2',
    'checked by the console, not by the page',
    [t.hostile, '%s is refused in the contract’s words'],
    [t.signIn, 'refuses %s and says why'],
  ),
  proven(
    '2.2.3',
    'combinations checked',
    ['console/workflows/media/register.test.ts', 'refuses computers that nobody enrolled'],
    [t.violations, 'refuse an unknown field with its name'],
  ),
  proven(
    '2.3.1',
    'steps in their order, none skipped',
    ['console/workflows/handling/handling.test.ts', 'has a next step in each state'],
    ['console/workflows/handling/handling.test.ts', 'goes on under a comment while a second person'],
  ),
  proven(
    '2.3.2',
    'limits of what may be done',
    [t.two, 'is asked for once at a time'],
    ['console/api/media.test.ts', 'are bounded in minutes'],
  ),
  proven(
    '2.3.3',
    'all of an act or nothing',
    [t.media, 'writes all of an act or nothing of it'],
    [t.store, 'stores nothing of a batch of which one part is refused'],
  ),
  proven(
    '2.3.4',
    'nothing used twice at one moment',
    [t.store, 'lets a token be used once, also by two'],
    [t.factor, 'gives a code to one of two'],
    [t.media, 'counts numbers off without giving one twice'],
  ),
  proven(
    '2.3.5',
    'two people for what weighs most',
    [t.two, 'is carried out once, as it was asked, when another person agrees'],
    [t.two, 'is refused to who asked'],
    [t.acts, 'waits for the second one'],
  ),
  proven(
    '2.4.1',
    'not called without bounds',
    [t.signIn, 'are refused, whatever address a header names'],
    [t.sessions, 'is told to wait, counts against no account'],
    [t.feed, 'refuses one page too many'],
    [t.floods, '%s hold up nobody else'],
  ),
]
