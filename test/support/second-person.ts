/** A second security administrator of a test's console: whoever agrees to what the first one asks. */
import type { ActItem, NewAccountAnswer } from '../../console/api/contract-access.ts'
import { type ApiClient, signInAt, type TestConsole, testPassword } from './console.ts'

export interface SecondPerson {
  readonly name: string
  readonly client: ApiClient
  /** Agrees to what stands under this number; returns it with what came of it. */
  agreeTo(proposal: number | null): Promise<ActItem>
}

/**
 * Names the people behind the first accounts, makes another security administrator, and has the first one agree to it:
 * all of it through the API, as an office would.
 */
export async function joinSecondPerson(console: TestConsole, first: ApiClient): Promise<SecondPerson> {
  const name = 'secadmin2'
  const { address, authority } = console
  const reason = 'the office grows'
  const system = await console.signIn('sysadmin')
  for (const account of ['sysadmin', 'secadmin', 'auditor'])
    await system.send('POST', `/api/accounts/${account}/person`, { person: `${account}, 1001`, reason })
  const { password, proposal } = await system.send<NewAccountAnswer>('POST', '/api/accounts', {
    ...{ name, role: 'sec-admin', person: 'second, 1002', department: null, reason },
  })
  await agree(first, proposal)
  const client = await signInAt(address, authority, name, password)
  await client.send('POST', '/api/session/password', { current: password, next: testPassword })
  return { name, client, agreeTo: (asked) => agree(client, asked) }
}

async function agree(client: ApiClient, proposal: number | null): Promise<ActItem> {
  if (proposal === null) throw new Error('nothing waits for a second person')
  const { hash } = await client.get<ActItem>(`/api/acts/${proposal}`)
  return client.send<ActItem>('POST', `/api/acts/${proposal}/agree`, { hash, reason: 'seen' })
}
