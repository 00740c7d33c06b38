/** One line a step, with a mark while it runs and its time when it is done. */
const slowMs = 1_000

export interface Progress {
  /** Runs a step; what it returns as a string is shown behind the time. */
  step<T>(title: string, run: () => Promise<T>, note?: string): Promise<T>
}

export function createProgress(out: NodeJS.WriteStream): Progress {
  return {
    step: async (title, run, note) => {
      const began = performance.now()
      if (out.isTTY) out.write(`  … ${title}`)
      const back = out.isTTY ? '\r\u001b[K' : ''
      try {
        const result = await run()
        const ms = performance.now() - began
        const remark = note ?? (typeof result === 'string' ? result : '')
        const time = ms < slowMs ? '' : `${(ms / 1_000).toFixed(1)} s`
        const tail = [remark, time].filter((part) => part !== '').join(', ')
        out.write(`${back}  ✓ ${title}${tail === '' ? '' : `  (${tail})`}\n`)
        return result
      } catch (error) {
        out.write(`${back}  ✗ ${title}\n`)
        throw error
      }
    },
  }
}
