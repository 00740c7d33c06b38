/** ASVS V4 and V5: the API, its sockets, and files. */
import { absent, departed, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

export const V4: readonly Requirement[] = [
  proven('4.1.1', 'each answer names its type', [t.answers, 'with %s allows no frame']),
  proven('4.1.2', 'no silent way from HTTP to HTTPS', [t.answers, 'without TLS gets no answer']),
  proven(
    '4.1.3',
    'no header of a proxy believed',
    [t.forwarded, 'an account is locked after five wrong passwords'],
    [t.forwarded, 'a session is nobody’s but'],
    [t.sources, 'trusts a header that names another address'],
  ),
  proven(
    '4.1.5',
    'what weighs most is signed by itself',
    [t.envelope, 'stays shut when any bit'],
    [t.orders, 'refuses another agent’s, a changed byte'],
    [t.ceiling, 'counts only with enough different keys'],
  ),
  proven('4.2.1', 'one end of a message, not two', [t.answers, 'that has two lengths is refused']),
  absent('4.3.1', 'costly GraphQL queries', 'There is no GraphQL.'),
  absent('4.3.2', 'GraphQL introspection', 'There is no GraphQL.'),
  proven(
    '4.4.1',
    'WebSocket over TLS alone',
    [t.link, 'a peer without a certificate of this authority'],
    [t.answers, 'refuses %s, and so does the web port'],
  ),
  proven('4.4.2', 'the page that opens a WebSocket', [t.answers, 'takes no page for an agent']),
  absent('4.4.3', 'session tokens for WebSocket', 'No page opens one; agents show a certificate.'),
  absent(
    '4.4.4',
    'a WebSocket out of a session',
    'No session becomes one; pages read a stream of events over HTTPS.',
  ),
]

export const V5: readonly Requirement[] = [
  proven('5.1.1', 'what may be brought, written down', [t.documents, 'tells what files may be brought']),
  proven(
    '5.2.1',
    'files of a bounded size',
    [t.oversized, 'a body that claims a gigabyte'],
    [t.bundle, 'that claims a gigabyte is refused'],
    [t.received, 'takes four at a time'],
  ),
  proven(
    '5.2.2',
    'files are what they say',
    [t.bundle, 'with one bit changed anywhere is refused'],
    ['console/api/media.test.ts', 'that is none is refused in words'],
  ),
  proven(
    '5.2.3',
    'bounded before it is unpacked',
    [t.oversized, 'a bomb %s is refused'],
    [t.oversized, 'many parts that unfold to much together'],
  ),
  proven(
    '5.3.1',
    'nothing that was brought is run',
    [t.received, 'gives it a name of its own'],
    [t.hostile, 'do not give out %s'],
    [t.sources, 'runs text as a program'],
  ),
  proven(
    '5.3.2',
    'no path from what was sent',
    [t.received, 'gives it a name of its own'],
    [t.hostile, 'do not give out %s'],
    [t.forwarding, 'are written into no folder of the console itself'],
  ),
  proven(
    '5.3.3',
    'paths inside archives ignored',
    [t.brought, 'whose parts climb out of it'],
    [t.brought, 'that points to a file outside of it'],
  ),
  proven(
    '5.4.1',
    'downloads named by the console',
    [t.lines, 'reasons and names that people typed'],
    [t.violations, 'give the very bytes, as a file that no browser opens'],
  ),
  proven('5.4.2', 'names of downloads harmless', [t.lines, 'reasons and names that people typed']),
  departed(
    '5.4.3',
    'files scanned for malware',
    'Nothing that was brought is given out or run: it is read as data, bounded, and what is refused is kept nowhere (brought-files.test.ts). Scanners are the unit’s, at its stations.',
  ),
]
