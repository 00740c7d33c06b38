/** ASVS V7, V8 and V9: sessions, who may do what, and what carries its own proof. */
import { absent, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

const noProvider = 'No identity provider and no single sign-on.'

export const V7: readonly Requirement[] = [
  proven('7.1.1', 'how long sessions last, written down', [t.documents, 'tells how signing in is bounded']),
  proven('7.1.2', 'how many at once, written down', [t.documents, 'tells how signing in is bounded']),
  absent('7.1.3', 'federated sessions', noProvider),
  proven(
    '7.2.1',
    'sessions checked by the console',
    [t.signIn, 'refuses everything without a session'],
    [t.access, 'answers each role as the table says'],
  ),
  proven('7.2.2', 'a token for each session', [t.signIn, 'gives another session each time']),
  proven(
    '7.2.3',
    'tokens random and long',
    [t.signIn, 'gives a cookie that only this host'],
    [t.sources, 'draws chance where it must not be guessed'],
  ),
  proven(
    '7.2.4',
    'a new token at each sign-in',
    [t.signIn, 'gives another session each time'],
    [t.signIn, 'ends the other sessions of the account'],
  ),
  proven(
    '7.3.1',
    'over when not used',
    [t.signIn, 'ends a session that is not used'],
    [t.signInPage, 'locks a page that nobody touches'],
  ),
  proven('7.3.2', 'over after a time', [t.signIn, 'ends a session after twelve hours']),
  proven(
    '7.4.1',
    'over for good',
    [t.signIn, 'refuses everything without a session'],
    [t.feed, 'ends at once when its session signs out'],
  ),
  proven('7.4.2', 'over with the account', [t.acts, 'that is disabled is out at once']),
  proven(
    '7.4.3',
    'others end with a changed factor',
    [t.signIn, 'ends the other sessions of the account'],
    [t.factor, 'ends the other sessions'],
  ),
  proven('7.4.4', 'signing out on every page', [t.stored, 'is text on each further page']),
  proven(
    '7.4.5',
    'administrators end sessions',
    [t.acts, 'that is disabled is out at once'],
    [t.acts, 'ends the sessions of an account whose role'],
  ),
  proven('7.5.1', 'factors changed with both', [t.factor, 'is removed by password and code alone']),
  proven(
    '7.5.2',
    'own sessions seen and ended after proof',
    [t.sessions, 'is listed for its owner alone'],
    [t.sessions, 'of one’s own is ended by itself'],
    [t.sessions, 'is ended by nobody who does not prove anew'],
  ),
  absent('7.6.1', 'sessions at a provider', noProvider),
  proven(
    '7.6.2',
    'no session without an act',
    [t.signIn, 'is judged: %s'],
    [t.certificate, 'is the second factor of its account'],
  ),
]

export const V8: readonly Requirement[] = [
  proven(
    '8.1.1',
    'who may do what, written down',
    [t.access, 'gives every permission to somebody'],
    [t.access, 'names its access, and is known here'],
  ),
  proven(
    '8.1.2',
    'who sees which field, written down',
    [t.written, 'has each field of an answer that carries a secret'],
    [t.written, 'names the source of each rule'],
  ),
  proven(
    '8.2.1',
    'each route by permission',
    [t.access, 'answers each role as the table says'],
    [t.access, 'must name it, and how it is scoped'],
  ),
  proven(
    '8.2.2',
    'each object by department',
    [t.matrix, 'answers %s by the table'],
    [t.matrix, 'does not tell an object of another department'],
    [t.matrix, 'is walked here, for each kind'],
  ),
  proven(
    '8.2.3',
    'each field by permission',
    [t.matrix, 'is shown without where it was seen in another'],
    [t.feed, 'tells no violation to whom may not read them'],
  ),
  proven(
    '8.3.1',
    'judged by the console',
    [t.access, 'answers each role as the table says'],
    [t.matrix, 'is not opened by a filter'],
  ),
  proven(
    '8.3.2',
    'changes hold at once',
    [t.acts, 'that is disabled is out at once'],
    [t.acts, 'ends the sessions of an account whose role'],
    [t.identity, 'ends the live connection'],
    [t.certificate, 'is revoked at once'],
  ),
  absent('8.4.1', 'several tenants', 'One unit a console; its departments are kept apart by scope.'),
  proven(
    '8.4.2',
    'more than one layer before administration',
    [t.certificate, 'is demanded of a role where the rules say so'],
    [t.sessions, 'counts from its own address alone'],
    [t.factor, 'a session goes as far as setting it up'],
    [t.two, 'is refused to who asked'],
  ),
]

/** Signed policies, commands, ceilings and packages: what carries its own proof here. */
export const V9: readonly Requirement[] = [
  proven(
    '9.1.1',
    'proof before content',
    [t.envelope, 'stays shut when any bit'],
    [t.orders, 'refuses another agent’s, a changed byte'],
  ),
  proven(
    '9.1.2',
    'one algorithm, not the sender’s choice',
    [t.envelope, 'stays shut with a signature that is empty'],
    [t.envelope, 'is of the schema, and of it alone'],
  ),
  proven(
    '9.1.3',
    'keys known before',
    [t.envelope, 'stays shut under another key'],
    [t.ceiling, 'takes no signature that was made over other bytes'],
  ),
  proven(
    '9.2.1',
    'in its time alone',
    ['protocol/media/judge-seal.test.ts', 'is good from its first millisecond'],
    [t.ceiling, 'is vouched for by what it signed within its span'],
  ),
  proven(
    '9.2.2',
    'for its purpose alone',
    [t.envelope, 'is no command because it is a policy'],
    [t.home, 'is no other signed thing'],
  ),
  proven(
    '9.2.3',
    'for whom it was made alone',
    [t.orders, 'refuses one signed as something else'],
    [t.home, 'for another computer, or of another console'],
  ),
  proven(
    '9.2.4',
    'names for whom it was made',
    [t.orders, 'refuses another agent’s, a changed byte'],
    ['protocol/removal-code.test.ts', 'answers its own challenge'],
  ),
]
