/** What the service manager says of the computer, read for one question: does it go on running? Pure. */

/**
 * Reads what `systemctl is-system-running` printed (systemctl(1)): true where the computer goes on running, false where it goes
 * down, null where that is not said. A computer that is still starting, or that was brought to its rescue shell, stops services
 * for reasons of its own: neither proves that the agent was stopped alone.
 */
export function parseSystemState(printed: string): boolean | null {
  switch (printed.trim()) {
    case 'running':
    case 'degraded':
      return true
    case 'stopping':
      return false
    default:
      return null
  }
}
