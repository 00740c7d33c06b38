/** Takes passwords and keys out of a line before it leaves the computer. Pure. */
const named =
  /\b(psk|passwd|password|passphrase|secret|wep[_-]?key\d?|private[_-]?key|preshared[_-]?key|sae[_-]password|pin|puk|token|leap-password)(["']?\s*[=:]\s*|\s+is\s+)("[^"]*"|'[^']*'|[^\s,;]+)/gi

/** Returns the line with the value of anything that is called like a secret replaced. */
export function redactSecrets(line: string): string {
  return line.replaceAll(named, (_, name: string, between: string) => `${name}${between}[redacted]`)
}
