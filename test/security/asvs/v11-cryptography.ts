/** ASVS V11 and V12: cryptography and connections. */
import { departed, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

export const V11: readonly Requirement[] = [
  proven('11.1.1', 'how keys live, written down', [t.documents, 'has every key file that is made']),
  proven(
    '11.1.2',
    'an inventory of cryptography',
    [t.documents, 'has every algorithm that the sources name'],
    [t.documents, 'has every key file that is made'],
  ),
  proven(
    '11.1.4',
    'a way to other algorithms',
    [t.documents, 'says how each kind of algorithm is replaced'],
    ['protocol/algorithms/hashes.test.ts', 'are those of the standards'],
  ),
  proven('11.2.1', 'implementations of the industry', [
    t.documents,
    'has every algorithm that the sources name',
  ]),
  proven(
    '11.2.2',
    'algorithms can be exchanged',
    ['protocol/chain.test.ts', 'is made with the hash that the journal’s name says'],
    ['console/ingest/check-frame.test.ts', 'is taken with the heads that SM3 makes'],
    [t.accounts, 'is known by the parameters that it was made with'],
    [t.ceiling, 'hands over to other keys only by the old ones'],
  ),
  proven(
    '11.2.3',
    'a hundred and twenty-eight bits',
    [t.authority, 'refuses another curve'],
    [t.documents, 'has every algorithm that the sources name'],
  ),
  proven('11.3.1', 'no weak mode', [t.documents, 'has every algorithm that the sources name']),
  proven(
    '11.3.2',
    'approved ciphers',
    [t.documents, 'has every algorithm that the sources name'],
    [t.answers, 'agrees on ciphers with forward secrecy'],
  ),
  proven(
    '11.3.3',
    'altered ciphertext is refused',
    [t.keys, 'does not open where a single bit was altered'],
    [t.bundle, 'with one bit changed anywhere'],
    [t.backup, 'is refused with one byte changed'],
  ),
  proven('11.4.1', 'no broken hash', [t.documents, 'has every algorithm that the sources name']),
  proven('11.4.2', 'passwords stored slowly', [t.accounts, 'is a PHC string of Argon2id']),
  proven(
    '11.4.3',
    'hashes long enough',
    [t.documents, 'has every algorithm that the sources name'],
    ['protocol/algorithms/hashes.test.ts', 'are of one length'],
  ),
  proven('11.4.4', 'keys of passphrases stretched', [t.backup, 'holds no key in the open']),
  proven(
    '11.5.1',
    'chance that nobody guesses',
    [t.sources, 'draws chance where it must not be guessed'],
    [t.signIn, 'gives a cookie that only this host'],
  ),
  proven(
    '11.6.1',
    'approved keys and signatures',
    [t.authority, 'refuses another curve'],
    [t.certificate, 'is issued for keys of P-256'],
  ),
]

export const V12: readonly Requirement[] = [
  proven(
    '12.1.1',
    'the newest TLS',
    [t.answers, 'refuses %s, and so does the web port'],
    [t.hostile, 'speaks TLS 1.3 and nothing older'],
  ),
  proven('12.1.2', 'strong ciphers alone', [t.answers, 'agrees on ciphers with forward secrecy']),
  proven(
    '12.1.3',
    'client certificates of the own authority',
    [t.link, 'a peer without a certificate of this authority'],
    [t.certificate, 'is refused past its end'],
    [t.identity, 'holds against a session that was made before it'],
  ),
  proven(
    '12.1.4',
    'revoked certificates refused',
    [t.identity, 'ends the live connection, refuses the next handshake'],
    [t.certificate, 'is revoked at once'],
  ),
  proven(
    '12.2.1',
    'TLS and nothing else',
    [t.answers, 'without TLS gets no answer'],
    [t.hostile, 'survives what is not even TLS'],
  ),
  departed(
    '12.2.2',
    'certificates of a public authority',
    'No public authority reaches this network: the console’s own is pinned by each agent (12.3.4).',
  ),
  departed(
    '12.3.1',
    'no connection in the clear',
    'Plain TCP to a receiver of the unit is there for who chooses it, and is called unprotected; all else is TLS.',
  ),
  proven(
    '12.3.2',
    'clients check the server',
    [t.enrol, 'refuses a console whose certificate is for another name'],
    [t.forwarding, 'names a receiver of another authority'],
    [t.smtp, 'is not sent without the TLS'],
    [t.sources, 'shuts an eye to a certificate'],
  ),
  proven(
    '12.3.3',
    'TLS between the parts',
    [t.link, 'a peer without a certificate of this authority'],
    [t.answers, 'without TLS gets no answer'],
  ),
  proven(
    '12.3.4',
    'own authorities, and these alone',
    [t.enrol, 'refuses a console whose certificate is for another name'],
    [t.certificate, 'asks for certificates of this authority alone'],
  ),
  proven(
    '12.3.5',
    'both ends prove themselves',
    [t.link, 'a peer without a certificate of this authority'],
    [t.claims, 'has none of ten thousand claims'],
  ),
]
