/** ASVS V3: what the pages ask of a browser. */
import { absent, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

export const V3: readonly Requirement[] = [
  proven(
    '3.2.1',
    'no answer shown as another kind of thing',
    [t.answers, 'with %s allows no frame'],
    [t.violations, 'give the very bytes, as a file that no browser opens'],
  ),
  proven(
    '3.2.2',
    'text shown as text',
    [t.stored, 'is text on its own page'],
    [t.sources, 'shows text as markup'],
  ),
  proven('3.3.1', 'cookie for TLS alone', [t.signIn, 'gives a cookie that only this host']),
  proven('3.3.2', 'cookie for this site alone', [t.signIn, 'gives a cookie that only this host']),
  proven('3.3.3', 'cookie for this host alone', [t.signIn, 'gives a cookie that only this host']),
  proven(
    '3.3.4',
    'cookie out of reach of scripts',
    [t.signIn, 'gives a cookie that only this host'],
    [t.stored, 'keeps nothing of who was signed in'],
  ),
  proven('3.4.1', 'bound to TLS for a year', [t.answers, 'binds a browser to TLS for a year']),
  proven('3.4.2', 'no other origin let in', [t.answers, 'with %s is for pages of this console']),
  proven(
    '3.4.3',
    'a policy for content',
    [t.answers, 'with %s allows no frame'],
    [t.hostile, 'come with a nonce of their own'],
    [t.stored, 'runs no script that stands in a page'],
  ),
  proven('3.4.4', 'no guessing of types', [t.answers, 'with %s allows no frame']),
  proven('3.4.5', 'tells nobody where it came from', [t.answers, 'with %s allows no frame']),
  proven('3.4.6', 'in nobody’s frame', [t.answers, 'with %s allows no frame']),
  proven(
    '3.5.1',
    'no request by another page',
    [t.signIn, 'is judged: %s'],
    [t.signIn, 'is refused where the header is not there'],
  ),
  proven(
    '3.5.2',
    'none that needs no preflight',
    [t.signIn, 'is refused where the header is not there'],
    [t.hostile, 'of type %s is refused'],
  ),
  proven('3.5.3', 'nothing changed by a GET', [t.answers, 'that changes something is never a GET']),
  absent('3.5.4', 'a host name for each application', 'One application; the agents’ port serves no page.'),
  absent(
    '3.5.5',
    'messages between windows',
    'No page listens for messages of other windows; its tabs speak over a channel of one origin.',
  ),
  proven(
    '3.7.1',
    'no outdated technique in the pages',
    [t.answers, 'with %s allows no frame'],
    [t.stored, 'is text on each further page'],
  ),
  absent('3.7.2', 'redirects to other hosts', 'No answer redirects anywhere.'),
]
