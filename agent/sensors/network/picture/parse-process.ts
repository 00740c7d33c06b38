/** What files of /proc/PID say of a process: unit and container out of its cgroup, and its command line. Pure. */

export interface ProcessPlace {
  readonly unit: string | null
  readonly container: string | null
}

/**
 * Reads /proc/PID/cgroup (cgroups(7)): the innermost unit of systemd, and the id of a container as Docker, Podman, containerd
 * and CRI-O name their groups.
 */
export function parseCgroup(text: string): ProcessPlace {
  const lines = text.split('\n').filter((line) => line.includes(':'))
  const paths = lines.map((line) => line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1))
  const parts = paths.flatMap((path) => path.split('/'))
  const unit = parts.filter((part) => /^[^/]{1,200}\.(?:service|scope)$/.test(part)).at(-1) ?? null
  const container = parts.map((part) => /(?:^|[-:])([0-9a-f]{64})(?:\.scope)?$/.exec(part)?.[1]).find(Boolean)
  return { unit, container: container ?? null }
}

/** Reads the account's name of a uid out of passwd(5). */
export function parseAccount(passwd: string, uid: number): string | null {
  for (const line of passwd.split('\n')) {
    const fields = line.split(':')
    if (fields[2] === String(uid)) return fields[0] ?? null
  }
  return null
}
