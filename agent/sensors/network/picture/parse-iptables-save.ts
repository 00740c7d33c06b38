/** The nat table as `iptables-legacy-save` prints it, to the rules that alter addresses. Pure. */

const rulesMax = 1_000
const translating = /^-A .* -j (?:MASQUERADE|SNAT|DNAT|REDIRECT|NETMAP)\b/

/** Returns those rules in the program's own words; the text is latin1. */
export function parseIptablesSave(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => translating.test(line))
    .slice(0, rulesMax)
}
