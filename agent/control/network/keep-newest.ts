/** A map that forgets: the newest stands last, and beyond the bound the oldest goes. Pure. */
export function keepNewest<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= max) return
  const first = map.keys().next()
  if (first.done !== true) map.delete(first.value)
}
