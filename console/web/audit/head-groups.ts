/** Returns a head in groups of four digits: to be compared with paper, aloud. */
export function inGroups(head: string): string {
  return head.replaceAll(/(.{4})(?=.)/g, '$1 ')
}
