/**
 * `shoukou-console ceiling …`: keys, draft, signatures. All but `draft --data`, `check --data` and `bring` work on any machine,
 * with no console there; that is where the keys belong.
 */
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  judgeCeiling,
  keyIdOf,
  publicKeyText,
  ShoukouError,
  sayBeyond,
  signCeiling,
  signersOf,
} from '@shoukou/protocol'
import { writeFileAtomically } from '../base/atomic-file.ts'
import { DEFAULT_CONFIG } from '../base/config.ts'
import { usedDataFolder } from '../base/data-folder.ts'
import { makeCeilingKey, openCeilingKey, parsePublicKeyFile } from '../pki/ceiling-key.ts'
import { signerFiles } from '../pki/key-store.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import { type BringAnswer, bringFiles } from '../workflows/ceiling/bring-box.ts'
import { beyondCeiling } from '../workflows/ceiling/bring-ceiling.ts'
import { CeilingBook } from '../workflows/ceiling/ceiling-book.ts'
import { draftCeiling } from '../workflows/ceiling/draft-ceiling.ts'
import { readCeilingFile, readPassphrase, readText } from './ceiling-files.ts'
import { ceilingInWords, warningsOf, writeDraft } from './ceiling-words.ts'

export const CEILING_USAGE = `shoukou-console ceiling new-key --to FILE --holder TEXT [--passphrase-file FILE]
shoukou-console ceiling draft   --to FILE --key FILE.pub --key FILE.pub … --data DIR [--unit NAME] [--within PREFIX]…
shoukou-console ceiling sign    --in FILE --key FILE --to FILE [--passphrase-file FILE]
shoukou-console ceiling show    --in FILE
shoukou-console ceiling check   --in FILE [--data DIR]
shoukou-console ceiling bring   --in FILE --data DIR --reason TEXT [--wait SECONDS]

  new-key   makes a key under a passphrase, and its public half in FILE.pub; on the holder's own machine
  draft     writes what is in use now as a ceiling, with comments; to be narrowed by hand
  sign      adds a signature; two different people sign
  show      says what it allows, in words
  check     says whether it may be brought, and what it would change
  bring     hands it to the running console, and waits 20 seconds for its answer
`

const options = {
  to: { type: 'string' },
  in: { type: 'string' },
  key: { type: 'string', multiple: true },
  holder: { type: 'string' },
  data: { type: 'string' },
  unit: { type: 'string' },
  within: { type: 'string', multiple: true },
  reason: { type: 'string' },
  wait: { type: 'string' },
  'passphrase-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parse>['values']

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
}

/** Runs a command of the ceiling; `argv` is what stands behind `ceiling`. */
export async function ceiling(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parse(argv)
  const [command] = positionals
  if (values.help === true || command === undefined) return say([CEILING_USAGE.trimEnd()])
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (run === undefined)
    throw new ShoukouError('config-invalid', `There is no "ceiling ${command}"; see ceiling --help.`)
  await run(values)
}

const commands: Readonly<Record<string, (values: Values) => Promise<void>>> = {
  'new-key': newKey,
  draft,
  sign,
  show,
  check,
  bring,
}

async function newKey(values: Values): Promise<void> {
  const to = needed(values.to, '--to FILE')
  const holder = needed(values.holder, '--holder TEXT (a post, not a secret)')
  const file = values['passphrase-file']
  const passphrase = await readPassphrase(file, 'Passphrase: ')
  if (file === undefined && (await readPassphrase(undefined, 'Once more: ')) !== passphrase)
    throw new ShoukouError('config-invalid', 'The two are not the same; nothing was written.')
  const made = await makeCeilingKey(holder, passphrase)
  await writeFileAtomically(to, made.keyFile, 0o600)
  await writeFileAtomically(`${to}.pub`, made.publicFile, 0o644)
  say([`${to}      keep it yourself, on no console`, `${to}.pub  hand it to whoever writes the draft`])
  say([`key ${keyIdOf(made.publicKey)}`])
}

async function draft(values: Values): Promise<void> {
  const to = needed(values.to, '--to FILE')
  const files = values.key ?? []
  if (files.length < 2)
    throw new ShoukouError('config-invalid', 'Name at least two public halves with --key FILE.pub.')
  const keys = await Promise.all(files.map(async (file) => parsePublicKeyFile(await readText(file))))
  const folder = await dataFolder(needed(values.data, '--data DIR'))
  const dailyKey = publicKeyText(await readText(signerFiles(folder.keys).publicFile))
  const { settings, version, unit } = await withStore(folder.database, async (store) => {
    const book = await CeilingBook.open(store)
    const rows = await Promise.all(
      (await store.computers()).map((one) => store.policy(one.agent, one.policyVersion)),
    )
    return {
      settings: rows.flatMap((row) => (row === null ? [] : [row.settings])),
      version: (book.now?.ceiling.version ?? 0) + 1,
      unit: book.now?.ceiling.unit ?? values.unit ?? DEFAULT_CONFIG.unit,
    }
  })
  const within = values.within ?? []
  const made = draftCeiling({ unit, version, keys, dailyKey, settings, within, now: Date.now() })
  await writeFileAtomically(to, writeDraft(made.ceiling, made.leftOut), 0o644)
  say([`${to}  read it, narrow it, and have it signed by two holders`])
  say(made.leftOut.map((text) => `left out, for it reaches the Internet: ${text}`))
}

async function sign(values: Values): Promise<void> {
  const to = needed(values.to, '--to FILE')
  const [keyFile, ...more] = values.key ?? []
  if (keyFile === undefined || more.length > 0)
    throw new ShoukouError('config-invalid', 'Name one key with --key FILE: each holder signs for himself.')
  const { signed, ceiling: content } = await readCeilingFile(needed(values.in, '--in FILE'))
  const passphrase = await readPassphrase(values['passphrase-file'], 'Passphrase: ')
  const { privateKey, publicKey, holder } = await openCeilingKey(await readText(keyFile), passphrase)
  const isOwn = content.keys.some((one) => one.publicKey === publicKey)
  const result = signCeiling(signed, privateKey)
  await writeFileAtomically(to, `${JSON.stringify(result, null, 2)}\n`, 0o644)
  const own = content.keys.map((one) => one.publicKey)
  say([`${to}  signed by ${JSON.stringify(holder)} (${keyIdOf(publicKey).slice(0, 16)})`])
  say([`${signersOf(result, own).length} of ${content.threshold} signatures of its own keys`])
  if (!isOwn)
    say(['This key is none of its own: it counts where it hands over from a ceiling that names the key.'])
}

async function show(values: Values): Promise<void> {
  const { signed, ceiling: content } = await readCeilingFile(needed(values.in, '--in FILE'))
  say(ceilingInWords(signed, content))
  say(warningsOf(content).map((one) => `look twice: ${one}`))
}

async function check(values: Values): Promise<void> {
  const { signed, ceiling: content } = await readCeilingFile(needed(values.in, '--in FILE'))
  say(warningsOf(content).map((one) => `look twice: ${one}`))
  if (values.data === undefined) return assertAccepted(judgeCeiling(signed, null))
  const folder = await dataFolder(values.data)
  await withStore(folder.database, async (store) => {
    const book = await CeilingBook.open(store)
    for (const { computer, beyond } of await beyondCeiling(store, content)) {
      say([`${computer.number}: its policy allows more; that ends when the ceiling arrives:`])
      say(beyond.map((one) => `  ${sayBeyond(one, 'en')}`))
    }
    assertAccepted(judgeCeiling(signed, book.now?.signed ?? null))
  })
}

function assertAccepted(verdict: ReturnType<typeof judgeCeiling>): void {
  if (verdict.kind === 'refused')
    throw new ShoukouError('ceiling-refused', `It may not be brought: ${verdict.reason}.`)
  say([verdict.kind === 'same' ? 'It is in force already.' : 'It may be brought.'])
}

const bringSeconds = 20
/** An hour: who waits longer has left. */
const bringSecondsMax = 3_600

async function bring(values: Values): Promise<void> {
  const { signed } = await readCeilingFile(needed(values.in, '--in FILE'))
  const reason = needed(values.reason, '--reason TEXT')
  const seconds = values.wait === undefined ? bringSeconds : Number(values.wait)
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > bringSecondsMax)
    throw new ShoukouError('config-invalid', `--wait is a number of seconds, at most ${bringSecondsMax}.`)
  const folder = join(resolve(needed(values.data, '--data DIR')), 'console')
  await usedDataFolder(folder)
  const { request, answer } = bringFiles(folder)
  const id = randomUUID()
  await rm(answer, { force: true })
  await writeFileAtomically(request, JSON.stringify({ id, reason, signed }), 0o600)
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    const text = await readFile(answer, 'utf8').catch(() => null)
    const told = text === null ? null : (JSON.parse(text) as BringAnswer)
    if (told?.id === id) {
      if (!told.ok) throw new ShoukouError('ceiling-refused', told.message)
      return say([`Ceiling ${told.message} is in force; computers take it as they connect.`])
    }
    await sleep(200)
  }
  say(['No console answered; it is brought when the console runs next.'])
}

function dataFolder(data: string) {
  return usedDataFolder(join(resolve(data), 'console'))
}

async function withStore<T>(path: string, act: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStoreHere(path)
  try {
    return await act(store)
  } finally {
    await store.close()
  }
}

function needed(value: string | undefined, words: string): string {
  if (value !== undefined && value !== '') return value
  throw new ShoukouError('config-invalid', `Say ${words}; see ceiling --help.`)
}

function say(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}
