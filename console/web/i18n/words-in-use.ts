/**
 * Which words a set of source files has a use for: pure. Found by what stands in the sources, a key in quotes or the beginning
 * of one that is put together, so that nobody has to keep a list; a key too many costs a few bytes, one too few is loaded late.
 */

/** Returns whether a key, in any of its plural forms, is used by these sources. */
export function wordsInUse(sources: readonly string[]): (key: string) => boolean {
  const keys = new Set<string>()
  const beginnings = new Set<string>()
  for (const source of sources) {
    for (const [, key = ''] of source.matchAll(/['"]([a-z][\w-]*(?:\.[\w-]+)+)['"]/gi)) keys.add(key)
    for (const [, beginning = ''] of source.matchAll(/`([a-z][\w-]*\.[\w.-]*)\$\{/gi))
      beginnings.add(beginning)
  }
  const begun = [...beginnings]
  return (key) =>
    keys.has(key) ||
    keys.has(key.replace(/_(?:one|other)$/, '')) ||
    begun.some((beginning) => key.startsWith(beginning))
}

/** Returns the modules of its own folder tree that a source needs at once: neither types alone nor what is loaded later. */
export function neededAtOnce(source: string): string[] {
  const statements = source.matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s*)?['"](\.[^'"]+\.tsx?)['"]/gm,
  )
  return [...statements].map(([, path = '']) => path)
}
