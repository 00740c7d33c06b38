/** ASVS V1: encoding and sanitization. */
import { absent, proven, type Requirement } from './requirement.ts'
import * as t from './tests.ts'

export const V1: readonly Requirement[] = [
  proven(
    '1.1.1',
    'decoded once, before it is checked',
    [t.hostile, 'that is not UTF-8 is refused'],
    [t.hostile, '%s that is no URL is refused'],
    [t.validate, 'is never changed to fit'],
  ),
  proven(
    '1.1.2',
    'encoded last, by what shows it',
    [t.stored, 'is text in the list of violations'],
    [t.rawText, 'comes back as the bytes that it was'],
  ),
  proven(
    '1.2.1',
    'encoded for where it stands',
    [t.stored, 'is text on its own page'],
    [t.answers, 'with %s allows no frame'],
  ),
  proven(
    '1.2.2',
    'addresses built from encoded parts',
    [t.stored, 'is text in the list of violations'],
    [t.stored, 'is text on its own page'],
  ),
  proven(
    '1.2.3',
    'no script or JSON built from text',
    [t.sources, 'runs text as a program'],
    [t.encode, 'is one line of JSON that reads back'],
  ),
  proven(
    '1.2.4',
    'queries with parameters alone',
    [t.sources, 'takes no value into its text'],
    [t.sources, 'is known to console/store alone'],
  ),
  proven('1.2.5', 'no line for a shell', [t.sources, 'hands a line to a shell']),
  absent('1.2.6', 'LDAP injection', 'Nothing speaks LDAP.'),
  absent('1.2.7', 'XPath injection', 'Nothing evaluates XPath; sheets are read by a parser without it.'),
  absent('1.2.8', 'LaTeX injection', 'Nothing is typeset by LaTeX.'),
  proven('1.2.9', 'text escaped in regular expressions', [t.sources, 'makes a pattern of text']),
  proven(
    '1.2.10',
    'no formula in CSV',
    [t.lines, 'a cell of CSV is one cell and no formula'],
    [t.lines, 'reasons and names that people typed'],
  ),
  absent('1.3.1', 'HTML from an editor', 'Nobody can enter HTML: every field is text, shown as text.'),
  proven('1.3.2', 'nothing like eval', [t.sources, 'runs text as a program']),
  proven(
    '1.3.3',
    'sanitized and cut before dangerous places',
    [t.rawText, 'shows nothing that a terminal or a page would obey'],
    [t.log, 'writes one line without a byte that a terminal obeys'],
  ),
  absent('1.3.4', 'SVG from people', 'No picture is taken from anybody.'),
  absent(
    '1.3.5',
    'templates and markup languages from people',
    'No Markdown, style sheet or template is taken from anybody.',
  ),
  proven(
    '1.3.6',
    'requests only to allowed places',
    [t.forwarding, 'never sends to the Internet'],
    [t.forwarding, 'counts as its own what is private'],
  ),
  absent('1.3.7', 'template injection', 'There is no engine for templates.'),
  absent('1.3.8', 'JNDI queries', 'Nothing runs on Java.'),
  absent('1.3.9', 'memcache injection', 'There is no cache server.'),
  proven(
    '1.3.10',
    'format strings',
    [t.lines, 'a line of the operators’ log is one line'],
    [t.stored, 'is text on its own page'],
  ),
  proven(
    '1.3.11',
    'nothing injected into mail',
    [t.smtp, 'has the headers that this console gave it'],
    [t.encode, 'never begins a header of a mail'],
  ),
  proven(
    '1.4.1',
    'memory-safe reading of bytes',
    ['agent/sensors/usb/parse-descriptors.test.ts', 'neither throws nor hangs nor exceeds a limit'],
    ['agent/base/parse-netlink.test.ts', 'never throws, whatever the bytes are'],
  ),
  proven(
    '1.4.2',
    'no overflow of numbers',
    [t.recordsFrame, 'whose last number cannot be counted'],
    [t.recordsFrame, 'whose header or record claims more than is there'],
  ),
  absent(
    '1.4.3',
    'memory freed by hand',
    'Managed memory; calls into the kernel copy, and keep no pointer of its own.',
  ),
  proven(
    '1.5.1',
    'XML parser that expands nothing',
    [t.oversized, 'a bomb %s is refused'],
    [t.oversized, 'many parts that unfold to much together'],
  ),
  proven(
    '1.5.2',
    'reads only what a schema allows',
    [t.frames, '%s with an unknown field is malformed'],
    [t.records, 'cannot reach a prototype'],
    [t.hostile, '%s is refused in the contract’s words'],
  ),
]
