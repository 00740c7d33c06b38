/** The command line in a terminal of its own, for tests: what a person sees, and types when asked. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./shoukou-console.ts', import.meta.url))

export interface AtTerminal {
  /** All that the terminal showed. */
  readonly shown: string
  readonly code: number | null
}

/** When `asked` is shown, `typed` is typed. */
export interface Typing {
  readonly asked: string
  readonly typed: string
}

/** Runs `shoukou-console` under script(1), which makes the terminal. Each answer waits for its question. */
export async function atTerminal(
  parameters: readonly string[],
  typings: readonly Typing[],
): Promise<AtTerminal> {
  const quoted = [process.execPath, program, ...parameters].map(
    (word) => `'${word.replaceAll("'", "'\\''")}'`,
  )
  const child = spawn('script', ['-qefc', quoted.join(' '), '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = [...typings]
  let shown = ''
  let looked = 0
  child.stdout.on('data', (data: Buffer) => {
    shown += data.toString('utf8')
    const [next] = waiting
    if (next === undefined) return
    const at = shown.indexOf(next.asked, looked)
    if (at < 0) return
    looked = at + next.asked.length
    waiting.shift()
    child.stdin.write(next.typed)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { shown, code }
}
