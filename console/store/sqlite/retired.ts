/** A computer that is enrolled anew: the earlier enrolment retires, keeps its history, and gives its number up. Within the caller's transaction. */
import type { DatabaseSync } from 'node:sqlite'
import { ShoukouError } from '@shoukou/protocol'
import type { NewComputer } from '../ports.ts'
import { certificatesIn } from './identity.ts'

/**
 * Retires the computer that the token is for; returns its agent, null where the token is for a new one.
 *
 * @throws ShoukouError `token-refused` where that one was replaced meanwhile.
 */
export function retireReplaced(
  connection: DatabaseSync,
  computer: NewComputer,
  tokenId: string,
): string | null {
  const token = connection.prepare('select replaces from tokens where id = ?').get(tokenId)
  const replaces = token?.['replaces']
  if (typeof replaces !== 'string') return null
  const retired = connection
    .prepare(
      'update computers set retired_at = ?, replaced_by = ? where agent = ? and number = ? and retired_at is null',
    )
    .run(computer.enrolledAt, computer.agent, replaces, computer.number)
  if (Number(retired.changes) !== 1)
    throw new ShoukouError('token-refused', 'The computer of this token was enrolled anew already.')
  const certificates = certificatesIn(connection)
  for (const { serial, state } of certificates.of(replaces))
    if (state !== 'revoked') certificates.end(serial, 'superseded', computer.enrolledAt)
  return replaces
}

/** What was said of the computer and not of its agent stays. */
export function carryOver(connection: DatabaseSync, from: string, to: string): void {
  connection
    .prepare(
      'update computers set department = (select department from computers where agent = ?) where agent = ?',
    )
    .run(from, to)
}

/** The certificate that enrolment gives. */
export function addFirstCertificate(connection: DatabaseSync, computer: NewComputer): void {
  certificatesIn(connection).add({
    serial: computer.certificateSerial,
    agent: computer.agent,
    certificate: computer.certificate,
    keyHash: computer.certificateKeyHash ?? '',
    issuedAt: computer.enrolledAt,
    notAfter: computer.certificateNotAfter ?? null,
    origin: 'enrolment',
  })
}
