/** A line typed at a terminal that shows none of it. What was typed beyond its end is kept for the next one. */
import { ShoukouError } from '@shoukou/protocol'

let typedAhead = ''
/** Ctrl-C, Ctrl-D: in this mode the terminal makes no signal and no end of them. */
const givingUp: ReadonlySet<string> = new Set(['\u0003', '\u0004'])

/**
 * Asks, and resolves to the line without its end.
 *
 * @throws ShoukouError `config-invalid` where it is given up (Ctrl-C), ends without one, or holds a key that is no character.
 */
export function hiddenLine(prompt: string): Promise<string> {
  const { stdin } = process
  // Before the question is seen: what is typed at once is not shown either.
  stdin.setRawMode(true)
  process.stderr.write(prompt)
  stdin.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    let line = ''
    const end = (settle: () => void): void => {
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.setRawMode(false)
      stdin.pause()
      process.stderr.write('\n')
      settle()
    }
    const onEnd = (): void => end(() => reject(givenUp()))
    const onData = (chunk: string): void => {
      const characters = Array.from(typedAhead + chunk)
      typedAhead = ''
      for (const [at, character] of characters.entries()) {
        if (character === '\r' || character === '\n') {
          typedAhead = characters.slice(at + 1).join('')
          return end(() => resolve(line))
        }
        if (givingUp.has(character)) return onEnd()
        if (character === '\u007f' || character === '\b') line = Array.from(line).slice(0, -1).join('')
        else if (character < ' ')
          // An arrow, a tab, a key with Ctrl: unseen it would become a part that nobody could type again.
          return end(() => reject(unseen()))
        else line += character
      }
    }
    stdin.on('data', onData)
    stdin.on('end', onEnd)
    if (typedAhead === '') stdin.resume()
    else onData('')
  })
}

function givenUp(): ShoukouError {
  return new ShoukouError('config-invalid', 'Given up; nothing was written.')
}

function unseen(): ShoukouError {
  return new ShoukouError(
    'config-invalid',
    'An arrow, a tab or a key with Ctrl was typed; begin again without it.',
  )
}
