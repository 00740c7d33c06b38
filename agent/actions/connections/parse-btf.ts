/**
 * Finds where the kernel keeps the fields of its own structures, in what it says of them itself (BTF,
 * Documentation/bpf/btf.rst). Pure: the file is read elsewhere.
 *
 * Not a general reader: offsets of named fields of named structures, and nothing else.
 */

/** Looks up offsets. */
export interface Btf {
  /**
   * Returns where a field stands, in bytes from the beginning of its structure; unnamed structures and unions within are
   * looked through. Null where there is no such structure or field, or where it is a part of a byte.
   */
  offsetOf(structure: string, field: string): number | null
}

const magic = 0xeb9f
const headerBytesMin = 24
/** What is read at most: a kernel has some 150,000 types. */
const typesMax = 1_000_000
const depthMax = 8

const kind = { struct: 4, union: 5, typedef: 8, volatile: 9, const: 10, restrict: 11, typeTag: 18 } as const
const memberBytes = 12
/** Bytes behind the first 12 of a type: fixed, and for each of its elements. By kind, from 1. */
const extraBytes: readonly (readonly [fixed: number, each: number])[] = [
  [0, 0],
  [4, 0], // INT
  [0, 0], // PTR
  [12, 0], // ARRAY
  [0, memberBytes], // STRUCT
  [0, memberBytes], // UNION
  [0, 8], // ENUM
  [0, 0], // FWD
  [0, 0], // TYPEDEF
  [0, 0], // VOLATILE
  [0, 0], // CONST
  [0, 0], // RESTRICT
  [0, 0], // FUNC
  [0, 8], // FUNC_PROTO
  [4, 0], // VAR
  [0, 12], // DATASEC
  [0, 0], // FLOAT
  [4, 0], // DECL_TAG
  [0, 0], // TYPE_TAG
  [0, 12], // ENUM64
]

/** Reads the types' places. Null for what is not BTF of this byte order, is cut short, or holds a kind not known here. */
export function parseBtf(bytes: Buffer, structures: readonly string[]): Btf | null {
  if (bytes.length < headerBytesMin || bytes.readUInt16LE(0) !== magic) return null
  const header = bytes.readUInt32LE(4)
  const types = section(bytes, header, bytes.readUInt32LE(8), bytes.readUInt32LE(12))
  const texts = section(bytes, header, bytes.readUInt32LE(16), bytes.readUInt32LE(20))
  if (types === null || texts === null) return null
  const places = placesOf(types)
  return places === null ? null : new ParsedBtf(types, texts, places, structures)
}

function section(bytes: Buffer, header: number, offset: number, length: number): Buffer | null {
  const start = header + offset
  return start + length <= bytes.length ? bytes.subarray(start, start + length) : null
}

/** Where each type begins, by its number. Number 0 is `void` and stands nowhere. */
function placesOf(types: Buffer): number[] | null {
  const places = [-1]
  let at = 0
  while (at < types.length) {
    if (at + 12 > types.length || places.length > typesMax) return null
    const info = types.readUInt32LE(at + 4)
    const extra = extraBytes[kindOf(info)]
    if (extra === undefined || kindOf(info) === 0) return null
    places.push(at)
    at += 12 + extra[0] + extra[1] * countOf(info)
  }
  return at === types.length ? places : null
}

const kindOf = (info: number): number => (info >>> 24) & 0x1f
const countOf = (info: number): number => info & 0xffff

class ParsedBtf implements Btf {
  readonly #types: Buffer
  readonly #texts: Buffer
  readonly #places: readonly number[]
  readonly #structures = new Map<string, number>()

  constructor(types: Buffer, texts: Buffer, places: readonly number[], structures: readonly string[]) {
    this.#types = types
    this.#texts = texts
    this.#places = places
    for (const at of places) {
      if (at < 0 || kindOf(types.readUInt32LE(at + 4)) !== kind.struct) continue
      const nameAt = types.readUInt32LE(at)
      const name = structures.find((one) => this.#isText(nameAt, one))
      if (name !== undefined && !this.#structures.has(name)) this.#structures.set(name, at)
    }
  }

  offsetOf(structure: string, field: string): number | null {
    const at = this.#structures.get(structure)
    const bits = at === undefined ? null : this.#bitsTo(at, field, 0)
    return bits === null || bits % 8 !== 0 ? null : bits / 8
  }

  #bitsTo(at: number, field: string, depth: number): number | null {
    const info = this.#types.readUInt32LE(at + 4)
    // With this flag the upper byte of an offset is the width of a bit field.
    const hasWidths = info >>> 31 === 1
    for (let index = 0; index < countOf(info); index += 1) {
      const member = at + 12 + index * memberBytes
      const nameAt = this.#types.readUInt32LE(member)
      const told = this.#types.readUInt32LE(member + 8)
      const bits = hasWidths ? told & 0xff_ffff : told
      if (nameAt === 0 || this.#texts[nameAt] === 0) {
        const inner = this.#structureOf(this.#types.readUInt32LE(member + 4))
        const within = inner === null || depth >= depthMax ? null : this.#bitsTo(inner, field, depth + 1)
        if (within !== null) return bits + within
      } else if (this.#isText(nameAt, field)) return bits
    }
    return null
  }

  /** Where the structure or union stands that a type is, behind its qualifiers; null where it is neither. */
  #structureOf(type: number): number | null {
    let number = type
    for (let step = 0; step < depthMax; step += 1) {
      const at = this.#places[number]
      if (at === undefined || at < 0) return null
      const which = kindOf(this.#types.readUInt32LE(at + 4))
      if (which === kind.struct || which === kind.union) return at
      if (!qualifiers.has(which)) return null
      number = this.#types.readUInt32LE(at + 8)
    }
    return null
  }

  #isText(at: number, text: string): boolean {
    const end = at + text.length
    if (end >= this.#texts.length || this.#texts[end] !== 0) return false
    return this.#texts.toString('latin1', at, end) === text
  }
}

const qualifiers: ReadonlySet<number> = new Set([
  kind.typedef,
  kind.volatile,
  kind.const,
  kind.restrict,
  kind.typeTag,
])
