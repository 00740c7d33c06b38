/** A line typed at a terminal that shows none of it. What was typed beyond its end is kept for the next one. */
import { ShoukouError } from '@shoukou/protocol'

let typedAhead = ''

/** Resolves to the line, without its end. @throws ShoukouError `config-invalid` where it is given up (Ctrl-C) or ends without one. */
export function hiddenLine(): Promise<string> {
  const { stdin } = process
  stdin.setRawMode(true)
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
        if (character === '\u0003') return onEnd()
        if (character === '\u007f') line = Array.from(line).slice(0, -1).join('')
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
