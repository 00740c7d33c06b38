/** What the path of a cgroup says of its processes: the unit, the container, the session's account. Pure. */

export interface CgroupOwner {
  /** systemd's unit: the innermost service or scope. */
  readonly unit: string | null
  /** The container's id, as its engine writes it into the path. */
  readonly container: string | null
  /** The account whose session it is (`user-1000.slice`): it stays what it was through `su` and `sudo`. */
  readonly sessionUid: number | null
}

const NOBODY: CgroupOwner = { unit: null, container: null, sessionUid: null }
const pathLengthMax = 4_096
const nameLengthMax = 255
/** docker, podman, containerd (CRI), CRI-O, LXC, systemd-nspawn; each with and without systemd. */
const containerForms = [
  /(?:^|\/)(?:docker|libpod|cri-containerd|crio)-([0-9a-f]{64})\.scope(?:\/|$)/,
  /(?:^|\/)(?:docker|libpod_parent|actions_job)\/(?:libpod-)?([0-9a-f]{64})(?:\/|$)/,
  /(?:^|\/)kubepods[^/]*\/(?:[^/]+\/)*(?:cri-containerd-|crio-|docker-)?([0-9a-f]{64})(?:\.scope)?(?:\/|$)/,
  /(?:^|\/)(?:lxc\.payload\.|lxc\/|lxc-)([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:\/|$)/,
  /(?:^|\/)machine\.slice\/machine-([A-Za-z0-9_.\\-]{1,128})\.scope(?:\/|$)/,
  /(?:^|\/)machine\.slice\/systemd-nspawn@([A-Za-z0-9_.\\-]{1,128})\.service(?:\/|$)/,
]

/** Reads a path as `/proc/PID/cgroup` and the kernel give it; what it does not say is null. */
export function cgroupOwnerOf(path: string | null): CgroupOwner {
  if (path === null || path.length > pathLengthMax) return NOBODY
  const parts = path.split('/').filter((part) => part !== '')
  const unit = parts.findLast((part) => /^[^/]+\.(?:service|scope)$/.test(part)) ?? null
  const container = containerForms.map((form) => form.exec(path)?.[1]).find((id) => id !== undefined) ?? null
  const session = parts
    .map((part) => /^user-(\d{1,10})\.slice$/.exec(part)?.[1])
    .find((uid) => uid !== undefined)
  const uid = session === undefined ? null : Number(session)
  return {
    unit: unit !== null && unit.length <= nameLengthMax ? unit : null,
    container,
    sessionUid: uid !== null && uid <= 4_294_967_294 ? uid : null,
  }
}
