/** Free ports for a console: one for pages and API, the next one for agents. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

const triesMax = 50

/** Returns N such that N and N+1 can be listened on at 127.0.0.1 now. */
export async function findPortPair(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    // Below the range that the kernel gives out by itself.
    const port = randomInt(10_000, 32_000)
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
  throw new Error(`no two free ports side by side in ${triesMax} tries`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const listening = once(server, 'listening').then(() => true)
  const refused = once(server, 'error').then(() => false)
  server.listen(port, '127.0.0.1')
  const isListening = await Promise.race([listening, refused])
  if (isListening) await new Promise<void>((resolve) => server.close(() => resolve()))
  return isListening
}
