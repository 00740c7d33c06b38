/** ASVS V6: authentication. */
import { absent, departed, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

const noProvider = 'No identity provider: accounts are the console’s own.'
const noMessage = 'No code is sent by telephone, mail or push: the network has neither.'

export const V6: readonly Requirement[] = [
  proven('6.1.1', 'defences against guessing, written down', [
    t.documents,
    'tells how signing in is bounded',
  ]),
  proven('6.1.2', 'words that no password may hold, written down', [
    t.documents,
    'names every word that no password may hold',
  ]),
  proven('6.1.3', 'the ways to sign in, written down', [t.documents, 'tells how signing in is bounded']),
  proven('6.2.1', 'passwords of eight characters and more', [
    t.accounts,
    'takes ten characters of four classes',
  ]),
  proven('6.2.2', 'passwords can be changed', [t.signIn, 'ends the other sessions of the account']),
  proven(
    '6.2.3',
    'changed with the one in use',
    [t.signIn, 'makes one-time passwords only where'],
    ['protocol/password-rule.test.ts', 'refuses the password that is being changed'],
  ),
  proven(
    '6.2.4',
    'not one of the commonest',
    [t.common, 'is each of more than three thousand'],
    [t.common, 'is %s'],
    [t.signIn, 'refuses %s and says why'],
  ),
  departed(
    '6.2.5',
    'no classes of characters demanded',
    'The rules for classified systems demand four classes; they bind the unit.',
  ),
  proven('6.2.6', 'masked while typed', [t.stored, 'masks what is typed as a password']),
  proven('6.2.7', 'pasting and managers allowed', [t.stored, 'masks what is typed as a password']),
  departed(
    '6.2.8',
    'compared as it was typed',
    'One password typed on two keyboards is one: it is put into form NFC, and nothing else is done to it.',
  ),
  proven('6.2.9', 'sixty-four characters and more', [t.accounts, 'takes 256 characters and refuses 257']),
  departed(
    '6.2.10',
    'no change demanded by time',
    'The rules for classified systems demand a change within a week or a month; they bind the unit.',
  ),
  proven(
    '6.2.11',
    'the written words refused',
    [t.signIn, 'refuses one that holds the name of the unit'],
    [t.passwordRule, 'refuses the words of the unit'],
    [t.words, 'takes the name of the unit'],
  ),
  proven(
    '6.2.12',
    'not one that leaked',
    [t.signIn, 'refuses one that leaked, by the list'],
    [t.leaked, 'finds each of a list %s'],
    [t.leaked, 'says that %s is no list'],
  ),
  proven(
    '6.3.1',
    'guessing is stopped',
    [t.signIn, 'refuses a wrong name and a wrong password'],
    [t.signIn, 'gives a burst of tries at one name'],
    [t.forwarded, 'an account is locked after five'],
    [t.sessions, 'is told to wait, counts against no account'],
  ),
  proven(
    '6.3.2',
    'no default account with a known password',
    [t.signIn, 'makes one-time passwords only where'],
    [t.managed, 'are made once in the life of a console'],
  ),
  proven(
    '6.3.3',
    'a second factor',
    [t.factor, 'a session goes as far as setting it up'],
    [t.certificate, 'is the second factor of its account'],
    [t.rules, 'only grow stricter with the level'],
  ),
  proven(
    '6.3.4',
    'no way around',
    [t.access, 'names its access, and is known here'],
    [t.factor, 'is removed by the reset of a lost password'],
    [t.certificate, 'never replaces the password'],
  ),
  proven(
    '6.4.1',
    'first passwords random, and once',
    [t.accounts, 'draws each character from at least 43'],
    [t.signIn, 'makes one-time passwords only where'],
  ),
  proven('6.4.2', 'no secret questions', [t.access, 'names its access, and is known here']),
  departed(
    '6.4.3',
    'a reset keeps the second factor',
    'Who resets is the administrator at the console’s machine: all of the account is begun anew, and noted.',
  ),
  proven(
    '6.4.4',
    'who lost a factor is identified anew',
    [t.factor, 'is removed by the reset of a lost password'],
    [t.factor, 'that was reset stands as one that was never'],
    [t.documents, 'tells how signing in is bounded'],
  ),
  proven(
    '6.5.1',
    'each code once',
    [t.factor, 'takes each code once'],
    [t.factor, 'gives a code to one of two'],
    [t.factor, 'is replaced by a recovery code'],
  ),
  proven(
    '6.5.2',
    'recovery codes stored hashed',
    [t.keys, 'have another hash for each account'],
    [t.factor, 'lies sealed in the store'],
  ),
  proven(
    '6.5.3',
    'seeds and codes random',
    [t.sources, 'draws chance where it must not be guessed'],
    [t.keys, 'are ten, of 80 bits'],
  ),
  proven('6.5.4', 'codes long enough', [t.keys, 'are ten, of 80 bits']),
  proven('6.5.5', 'codes that end', [t.totp, 'counts one step early or late, and not two']),
  absent('6.6.1', 'codes by telephone', noMessage),
  absent('6.6.2', 'codes bound to their request', noMessage),
  absent('6.6.3', 'codes not guessed', noMessage),
  absent('6.8.1', 'several identity providers', noProvider),
  absent('6.8.2', 'signatures of assertions', noProvider),
  absent('6.8.3', 'assertions used once', noProvider),
  absent('6.8.4', 'strength told by a provider', noProvider),
]
