/** What computers tell of people's sessions, in English; part of `en.ts`. */
import type { sessionsToldZhCN } from './sessions-told-zh-cn.ts'

export const sessionsToldEn: Readonly<Record<keyof typeof sessionsToldZhCN, string>> = {
  'sensor.sessions': 'Sessions of people',
  'records.group.sessions': 'Sessions of people',
  'fact.session.opened': 'Logged on',
  'fact.session.closed': 'Logged off',
  'session.still-present': 'logged on before',
  'session.from': 'over the network from',
  'value.ending.logged-out': 'logged off',
  'value.ending.process-gone': 'its process ended; the system noted no log-off',
  'value.ending.gone': 'no longer listed by the system, which does not say why',
  'value.found.while-watching': 'while watching',
  'value.found.while-away': 'while the agent did not run',
  'value.source.utmp': 'the system’s list of log-ons (utmp)',
  'value.source.logind': 'the system’s log-on service (logind)',
  'value.method.utmp-and-logind': 'the system’s list of log-ons and its log-on service',
  'value.method.utmp': 'the system’s list of log-ons (utmp)',
  'value.method.logind': 'the system’s log-on service (logind)',
  'field.session': 'Session',
  'field.user': 'Account',
  'field.line': 'Terminal',
  'field.seat': 'Seat',
  'field.remoteHost': 'Came from (network)',
  'field.openedWallMs': 'Logged on at',
  'field.closedWallMs': 'Logged off at',
  'field.ending': 'How it ended',
  'says.no-sessions': '{{detail}}: who logs on to this computer is not seen.',
  'says.no-sessions-remedy': 'Create /run/utmp (systemd-tmpfiles --create), or run systemd-logind.',
  'says.sessions-cut': 'More than {{detail}} sessions at once; the others are not told.',
  'says.sessions-slow':
    'Changes to the list of log-ons are not told at once; it is looked at from time to time: {{detail}}',
}
