/** Device numbers as stat(2) gives them. Pure. */

/** Returns `major:minor` of a `st_rdev` (the C library's coding, makedev(3)). */
export function deviceNumberOf(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xffff_f000n)
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffff_ff00n)
  return `${major}:${minor}`
}
