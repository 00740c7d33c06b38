/**
 * The protocol's schemas are for the server; pages take words, orders and text functions of the same files. While building, what
 * such a file makes of a schema is marked as droppable, so that neither it nor the schema library is sent to a browser that has no
 * use for it. Nothing that is used changes.
 */
import type { Plugin } from 'vite'

export function dropSchemas(): Plugin {
  return {
    name: 'drop-schemas',
    apply: 'build',
    transform: {
      filter: { id: /\.ts$/, code: /\bfrom\s*["']typebox["']/ },
      handler(code) {
        const { body } = this.parse(code)
        return { code: markDroppable(code, body), map: null }
      },
    },
  }
}

interface Place {
  readonly type: string
  readonly start: number
  readonly end: number
}
interface Statement extends Place {
  readonly kind?: string
  readonly declaration?: unknown
  readonly declarations?: readonly { readonly init?: Place | null }[]
}

/** Returns the code with each constant that is worked out while the file is loaded in a function of its own, marked as pure. */
export function markDroppable(code: string, body: readonly Place[]): string {
  let marked = ''
  let from = 0
  for (const init of body.flatMap(workedOut)) {
    const text = code.slice(init.start, init.end)
    // A plain list or word is dropped as it is.
    if (!/\(|\.\.\./.test(text)) continue
    marked += `${code.slice(from, init.start)}/* @__PURE__ */ (() => (${text}))()`
    from = init.end
  }
  return marked + code.slice(from)
}

function workedOut(statement: Statement): Place[] {
  const declared = (statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement) as
    | Statement
    | null
    | undefined
  if (declared?.type !== 'VariableDeclaration' || declared.kind !== 'const') return []
  return (declared.declarations ?? []).flatMap(({ init }) =>
    init === null || init === undefined || /Function/.test(init.type) ? [] : [init],
  )
}
