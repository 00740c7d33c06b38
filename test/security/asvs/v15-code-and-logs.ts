/** ASVS V15 and V16: code and architecture, logs and errors. */
import { open, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

export const V15: readonly Requirement[] = [
  open(
    '15.1.1',
    'when libraries are renewed, written down',
    'No document names times in which a library with a known fault is renewed.',
  ),
  proven(
    '15.1.2',
    'a bill of materials',
    [t.bill, 'has every package of the lock file once'],
    [t.lock, 'the lock file holds the hash'],
  ),
  proven('15.1.3', 'what costs much, written down', [t.documents, 'has the limits of the code']),
  open(
    '15.2.1',
    'libraries within their time',
    'No list of known faults can be asked on this network; a build elsewhere has to.',
  ),
  proven(
    '15.2.2',
    'what costs much holds up nobody',
    [t.accounts, 'is hashed for as many as may wait'],
    [t.sources, 'waits for the disk while requests wait'],
    [t.floods, '%s hold up nobody else'],
  ),
  proven(
    '15.2.3',
    'nothing shipped for tests',
    [t.bill, 'names what is shipped apart'],
    ['scripts/build-agent.test.ts', 'runs from its folder alone'],
  ),
  proven('15.3.1', 'answers hold what they should', [
    t.validate,
    'that fits is written, one with a field too many is not sent',
  ]),
  proven('15.3.2', 'no redirect is followed', [t.forwarding, 'posts signed batches, takes no redirection']),
  proven(
    '15.3.3',
    'no field beyond the act',
    [t.hostile, 'with an unknown field is refused'],
    [t.violations, 'refuse an unknown field with its name'],
    ['console/api/media.test.ts', 'registers from an examination, and takes no passport'],
  ),
  proven(
    '15.3.4',
    'the true address of who asks',
    [t.forwarded, 'a session is nobody’s but'],
    [t.signIn, 'are refused, whatever address a header names'],
  ),
  proven(
    '15.3.5',
    'types checked, compared strictly',
    [t.lint, '%s is an error'],
    [t.validate, 'becomes a number where the schema asks'],
  ),
  proven(
    '15.3.6',
    'no prototype is reached',
    [t.records, 'cannot reach a prototype'],
    [t.frames, 'cannot reach a prototype'],
    [t.hostile, '%s is refused in the contract’s words'],
  ),
  proven('15.3.7', 'one thing named twice', [t.answers, 'that names one thing twice is refused']),
  proven(
    '15.4.1',
    'shared things without races',
    [t.store, 'commits what waits together'],
    [t.two, 'is carried out once where many agree'],
  ),
  proven(
    '15.4.2',
    'checked and done as one',
    [t.two, 'is not carried out where its object has changed'],
    [t.media, 'refuses a change that began from another version'],
    [t.store, 'lets a token be used once'],
  ),
  proven(
    '15.4.4',
    'nobody starves',
    [t.flood, 'a violation inside a flood'],
    [t.floods, '%s hold up nobody else'],
    [t.forwarding, 'takes ten thousand to a receiver one bounded batch'],
  ),
]

export const V16: readonly Requirement[] = [
  open(
    '16.1.1',
    'every log written down',
    'console/docs/trail.md tells of the administrators’ log; no test holds each act, and the operators’ log, against it.',
  ),
  proven(
    '16.2.1',
    'who, when, where, what',
    [t.trail, 'shows an act with what came of it'],
    [t.access, 'leaves a note of each refusal'],
  ),
  proven(
    '16.2.2',
    'clocks compared, times with a zone',
    ['console/ingest/agent-clock-watch.test.ts', 'raises a clock set back'],
    [t.trail, 'is exported as it is filtered'],
  ),
  proven(
    '16.2.3',
    'logs to written places alone',
    [t.forwarding, 'are written into no folder of the console itself'],
    [t.forwarding, 'leave out other severities and types'],
  ),
  proven(
    '16.2.4',
    'logs that programs read',
    [t.log, 'writes one line without a byte'],
    [t.lines, 'messages of syslog are as many as were sent'],
  ),
  proven(
    '16.2.5',
    'no secret in a log',
    [t.signIn, 'keeps no cookie in the store'],
    [t.factor, 'lies sealed in the store'],
    [t.age, 'is refused in the log with the reason'],
    [t.violations, 'make enrolment tokens'],
  ),
  proven(
    '16.3.1',
    'each sign-in noted',
    [t.factor, 'answers a right and a wrong password with the same bytes'],
    [t.factor, 'counts only after its first code'],
  ),
  proven(
    '16.3.2',
    'each refusal and each look noted',
    [t.access, 'leaves a note of each refusal'],
    [t.trail, 'writes down what was seen'],
    [t.matrix, 'keeps a look at another department'],
  ),
  proven(
    '16.3.3',
    'attempts to get around noted',
    [t.claims, 'has none of ten thousand claims'],
    [t.matrix, 'keeps a look at another department'],
    [t.acts, 'of somebody who may not hold both roles'],
  ),
  proven(
    '16.3.4',
    'failures inside noted',
    [t.hostile, 'is logged, and tells nobody outside'],
    [t.forwarding, 'names a receiver of another authority'],
  ),
  proven(
    '16.4.1',
    'one line is one entry',
    [t.lines, 'a line of the operators’ log is one line'],
    [t.encode, 'is one syslog message of one line'],
  ),
  proven(
    '16.4.2',
    'logs that nobody alters unseen',
    [t.tamper, 'is found out: the whole log chained anew'],
    [t.tamper, 'are missed in the log: in the midst'],
    [t.backup, 'can be taken away by no method'],
  ),
  proven(
    '16.4.3',
    'logs told to other systems',
    [t.forwarding, 'loses nothing and keeps the order'],
    [t.forwarding, 'tells what happens, in order'],
  ),
  proven(
    '16.5.1',
    'no word of the inside',
    [t.hostile, 'is logged, and tells nobody outside'],
    [t.hostile, 'is not the store’s own words either'],
  ),
  proven(
    '16.5.2',
    'goes on while others fail',
    [t.forwarding, 'takes ten thousand to a receiver one bounded batch'],
    [t.signer, 'that is away is told as such'],
  ),
  proven(
    '16.5.3',
    'what fails stays shut',
    [t.rules, 'are refused where what was stored is not them'],
    [t.accounts, 'refuses to be compared with what is not a hash'],
    [t.signer, 'is nothing where the ceiling does not vouch'],
  ),
  open(
    '16.5.4',
    'a last handler of errors',
    'A request’s fault is caught and logged; one outside of requests ends the process, which its service begins anew.',
  ),
]
