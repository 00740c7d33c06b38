#!/usr/bin/env node
/** `shoukou-console`: runs the console, and what only someone at its own machine may do. */
import { ShoukouError } from '@shoukou/protocol'
import { resetPassword } from './accounts.ts'
import { archiveBook } from './archive.ts'
import { tellArchives } from './archives.ts'
import { parseArguments } from './arguments.ts'
import { makeBackupNow, restoreFrom, verifyBackupAt } from './backup.ts'
import { ceiling } from './ceiling.ts'
import { certificate } from './certificate.ts'
import { writeExport } from './export-copy.ts'
import { importBundle } from './import-bundle.ts'
import { run } from './run.ts'
import { runSigner } from './signer.ts'
import { makeToken } from './token.ts'
import { verify } from './verify.ts'

const usage = `shoukou-console run      --data DIR [--port N] [--listen ADDR] [--name NAME]… [--config FILE]
shoukou-console token    --data DIR [--number NUMBER] [--level LEVEL] [--network-mode MODE] [--json]
shoukou-console password --data DIR --account NAME
shoukou-console certificate --data DIR --account NAME --request FILE | --revoke SERIAL  [--reason TEXT]
shoukou-console import   FILE --data DIR [--json]
shoukou-console verify   --data DIR | --copy FILE [--archive FILE]… [--checkpoint TEXT] [--agent NUMBER] [--json]
shoukou-console verify   --archive FILE… [--json]
shoukou-console export-copy --data DIR --to FILE
shoukou-console ceiling  new-key | draft | sign | show | check | bring …   see ceiling --help
shoukou-console signer   --key FILE --ceiling FILE --socket PATH [--make-key]
shoukou-console backup   --data DIR --to DIR [--passphrase-file FILE --second-passphrase-file FILE]
shoukou-console backup-verify --from BACKUP
shoukou-console restore  --from BACKUP --data NEWDIR [--passphrase-file FILE --second-passphrase-file FILE]
shoukou-console archive  --data DIR --year YYYY --to DIR
shoukou-console archives --data DIR [--json]

  run       starts the console: pages and API on N (8443), agents on N+1
  token     makes a one-time enrolment token (good for an hour)
  password  gives an account a new one-time password, and unlocks it
  certificate  issues a certificate for the request that an account's USB key made, or revokes one
  import    takes a bundle of a computer that no network reaches, and writes its slip
  verify    proves the log, each computer's chain, evidence and policies from their raw bytes; ends with 1 where something was altered
  export-copy  writes what can be verified to one file, for another machine
  ceiling   what may ever be allowed, signed by two people on machines of their own
  signer    runs the signing process under an account of its own
  backup    makes and verifies a backup, also while the console runs; backup-verify looks through one.
            Its passphrase has two halves: two people type theirs, or each half is in a file of its own
  restore   verifies a backup and restores it into a folder that is not there yet; it never overwrites
  archive   writes the book of a year, which proves itself; a copy, nothing is taken away
  archives  tells what is out of its period, and which archives hold what was taken out by two people
`

async function main(argv: readonly string[]): Promise<void> {
  // Both have options of their own.
  if (argv[0] === 'ceiling') return ceiling(argv.slice(1))
  if (argv[0] === 'signer') return runSigner(argv.slice(1))
  const { values, positionals } = parseArguments(argv)
  const [command] = positionals
  if (values.help === true || command === undefined) {
    process.stdout.write(usage)
    return
  }
  switch (command) {
    case 'run':
      return run(values)
    case 'token':
      return makeToken(values)
    case 'password':
      return resetPassword(values)
    case 'certificate':
      process.stdout.write(await certificate(values))
      return
    case 'import':
      return importBundle(values, positionals[1])
    case 'verify':
      return verify(values)
    case 'export-copy':
      return writeExport(values)
    case 'backup':
      return makeBackupNow(values)
    case 'backup-verify':
      return verifyBackupAt(values)
    case 'restore':
      return restoreFrom(values)
    case 'archive':
      return archiveBook(values)
    case 'archives':
      return tellArchives(values)
    default:
      throw new ShoukouError(
        'config-invalid',
        `There is no command "${command}"; see shoukou-console --help.`,
      )
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isOrderly =
    error instanceof ShoukouError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(
    `shoukou-console: ${error instanceof Error ? (isOrderly ? error.message : error.stack) : String(error)}\n`,
  )
  process.exitCode = 1
})
