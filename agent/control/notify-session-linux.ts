/**
 * Tells whoever sits at a desktop that a medium was refused, as a desktop notification. Best effort: what counts is the
 * record, and `shoukou-agent media` says the same at any time.
 */
import { spawn } from 'node:child_process'
import type { Log } from '../base/log.ts'
import { readSessions } from '../base/session-user-linux.ts'

export interface Notification {
  readonly title: string
  /** Names in it are shown as hostile text already; what would be markup is escaped here. */
  readonly body: string
}

const endMsMax = 5_000
const textMax = 400

/** Shows a notification in every graphical session of this computer; returns how many programs were started. */
export function notifySessions(notification: Notification, log: Log): number {
  const sessions = readSessions().filter(({ type }) => type === 'x11' || type === 'wayland')
  for (const { user, uid } of sessions) {
    const { title, body } = notification
    const words = [title.slice(0, textMax), escapeMarkup(body.slice(0, textMax))]
    const child = spawn(
      'runuser',
      ['-u', user, '--', 'notify-send', '--app-name=Shoukou', '--urgency=critical', '--', ...words],
      {
        stdio: 'ignore',
        timeout: endMsMax,
        env: { PATH: '/usr/bin:/bin', DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${uid}/bus` },
      },
    )
    child.once('error', (fault) => log.warn({ fault: String(fault) }, 'no desktop notification'))
    child.once('exit', (code) => {
      if (code !== 0) log.warn({ code }, 'desktop notification not shown')
    })
  }
  return sessions.length
}

/** The notification's body is a small markup language (Desktop Notifications Specification). */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
