/** ASVS V13 and V14: configuration and the protection of data. */
import { departed, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

export const V13: readonly Requirement[] = [
  proven('13.1.1', 'every connection written down', [t.documents, 'has every place that opens a connection']),
  proven(
    '13.1.2',
    'how many connections, and what then',
    [t.documents, 'has the limits of the code'],
    [t.feed, 'refuses one page too many'],
    [t.forwarding, 'takes ten thousand to a receiver one bounded batch'],
  ),
  proven(
    '13.2.1',
    'parts prove themselves to each other',
    [t.link, 'a peer without a certificate of this authority'],
    [t.identity, 'gives a new key a certificate'],
  ),
  proven(
    '13.2.2',
    'parts with the fewest rights',
    [t.rights, 'answers, with its signing process'],
    [t.rights, 'gives it an account of its own'],
    [t.rights, 'lets it reach no more of the network'],
  ),
  proven(
    '13.2.3',
    'no default credential',
    [t.managed, 'are made once in the life of a console'],
    [t.authority, 'are made once, kept, and readable'],
  ),
  proven(
    '13.2.4',
    'reaches listed places alone',
    [t.forwarding, 'never sends to the Internet'],
    [t.forwarding, 'counts as its own what is private'],
  ),
  proven(
    '13.2.5',
    'the server asks listed places alone',
    [t.forwarding, 'never sends to the Internet'],
    [t.forwarding, 'posts signed batches, takes no redirection'],
  ),
  departed(
    '13.3.1',
    'a vault for secrets',
    'Key files of their owner alone, sealed where they can be, the daily key in a process of its own: no vault on this network.',
  ),
  proven(
    '13.3.2',
    'secrets for whom they concern',
    [t.authority, 'are made once, kept, and readable'],
    [t.dailyKey, 'are out of reach of the code that talks to agents'],
    [t.self, 'lets a user without rights do nothing'],
  ),
  departed(
    '13.3.3',
    'keys in a module of their own',
    'The daily key signs in a process of its own and ceiling keys are kept off the console; the rest are files.',
  ),
  proven('13.4.1', 'no folder of source control given out', [
    t.answers,
    'for %s gets neither a list nor a file',
  ]),
  proven(
    '13.4.2',
    'no debugging',
    [t.hostile, 'is logged, and tells nobody outside'],
    [t.access, 'names its access, and is known here'],
  ),
  proven('13.4.3', 'no list of a folder', [t.answers, 'for %s gets neither a list nor a file']),
  proven('13.4.4', 'no TRACE', [t.answers, 'of the method %s tells nothing back']),
  proven(
    '13.4.5',
    'documents and health on purpose',
    [t.access, 'is in the OpenAPI document, which needs no sign-in'],
    [t.hostile, 'tells of the console alone'],
  ),
]

export const V14: readonly Requirement[] = [
  proven(
    '14.1.1',
    'data by its sensitivity, written down',
    [t.written, 'has every table of the database once'],
    [t.rights, 'keeps what it writes in its own folder'],
  ),
  proven('14.1.2', 'protection by sensitivity, written down', [t.written, 'says of each class who reads it']),
  proven('14.2.1', 'nothing secret in addresses', [t.answers, 'carries nothing secret in its address']),
  proven(
    '14.2.2',
    'nothing kept by caches',
    [t.answers, 'with %s allows no frame'],
    [t.feed, 'is an event stream that no cache keeps'],
  ),
  proven(
    '14.2.3',
    'nothing told to others',
    [t.stored, 'is text on each further page'],
    [t.forwarding, 'never sends to the Internet'],
  ),
  proven(
    '14.2.4',
    'protected as was written',
    [t.tamper, 'of %s.%s is found where it is'],
    [t.backup, 'can be taken away by no method of the store'],
    [t.keeping, 'takes secrets and gives none back'],
  ),
  proven(
    '14.2.6',
    'the least that is needed',
    [t.matrix, 'shows %s what may be reached'],
    [t.encode, 'gets no byte of the evidence'],
    [t.acts, 'is made by the system administrator, and its password is nowhere'],
  ),
  proven('14.3.1', 'nothing left after signing out', [t.stored, 'keeps nothing of who was signed in']),
  proven('14.3.2', 'nothing cached by browsers', [t.answers, 'with %s allows no frame']),
  proven('14.3.3', 'nothing in the browser’s stores', [t.stored, 'keeps nothing of who was signed in']),
]
