/** Words of archives and of what is removed after its period, English. */
export const archivesEn = {
  'acts.act.remove-archived': 'Remove archived records',
  'archive.title': 'Out of the period: archive and remove',
  'archive.what':
    'What is out of its period may be archived: the file is written, signed and read back, and only once another person agrees do its records go from the database. Evidence of violations that are not closed, anything within its period, and the log stay.',
  'archive.ask': 'Archive, and ask for removal',
  'archive.do': 'Archive, verify and ask a second person',
  'archive.does':
    'The archive is written into the folder for backups, signed and read back; nothing is removed by that. Once another person agrees it is verified again, and the records go, stretch by stretch. Each leaves a stub from which the chain goes on.',
  'archive.asked':
    'The archive was written and verified. A security administrator must agree among the acts that wait:',
  'archive.reason-example': 'e.g. the book of 2026 is out of its period',
  'archive.before': 'Received before',
  'archive.would-go': 'Would go',
  'archive.counts':
    '{{records}} records in {{journals}} journals of {{computers}} computers, about {{megabytes}} MB',
  'archive.span': 'Received',
  'archive.held': 'Must stay',
  'archive.held-counts':
    'Of {{violations}} journals less goes since a violation is not closed, or not for long enough; of {{standing}} since something rests on a record to this day',
  'archive.clock': 'Clock',
  'archive.clock-steps':
    '{{count}} steps of more than three days between checkpoints: the console was off, or its clock was set',
  'archive.part': 'In parts',
  'archive.part-what': 'One archive has a limit; the rest waits for the next one',
  'archive.nothing.all-within-period':
    'Nothing is out of its period: {{count}} years from the end of its year, by the time that signed checkpoints prove; a clock that was set forward proves none.',
  'archive.nothing.clocks-differ':
    'The computers’ clocks say another time than this console’s: set its clock right first.',
  'archive.nothing.no-computer-heard':
    'No computer was heard for a month, so that nothing vouches for this console’s clock.',
  'archive.nothing.held-back':
    'What is out of its period begins with evidence of a violation that is not closed, or that something rests on to this day.',
  'archive.none': 'No archives yet',
  'archive.made': 'Made',
  'archive.file': 'File',
  'archive.holds': 'Holds',
  'archive.state': 'State',
  'archive.records': '{{records}} records, {{megabytes}} MB',
  'archive.received-before': 'received before',
  'archive.still-here': 'Its records are still in the database',
  'archive.again': 'Ask for removal',
  'archive.removed': '{{records}} records removed:',
  'archive.by': 'Asked by {{asked}}, agreed by {{agreed}}.',
  'proof.archived':
    'The record of this violation is out of its period: it was archived and is no longer in the database. With the file, shoukou-console verify --archive proves it.',
  'proof.archive': 'Archive',
  'proof.archive-digest': 'SHA-256 of the archive',
  'proof.archived-at': 'Removed',
  'action.archive-ask': 'Archived, and asked for removal',
  'action.archive-ask-refused': 'Archived, and asked for removal: refused',
  'action.archive-remove': 'Removed archived records',
  'action.archive-remove-refused': 'Removed archived records: not finished',
} as const
