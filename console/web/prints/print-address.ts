/** What is chosen to be printed, in the page's address: pure, and each way back. */
import { FORM_NAMES, type FormName } from '../../ledger/form-parts.ts'
import { LABEL_SIZES, type LabelSize, startWithin } from '../../ledger/label-layout.ts'
import { PRINT_KINDS, type PrintKind } from '../../ledger/print-mark.ts'

export interface PrintChoice {
  readonly kind: PrintKind
  /** Null: what the filter finds. */
  readonly numbers: readonly string[] | null
  /** The register's own filter, as its page has it in its address. */
  readonly filter: Readonly<Record<string, string>>
  readonly size: LabelSize
  readonly start: number
  readonly form: FormName
}

const filterKeys = ['state', 'level', 'department', 'custodian', 'computer', 'search'] as const
const firstSize = LABEL_SIZES[0] as LabelSize

export function choiceFromAddress(address: URLSearchParams): PrintChoice {
  const numbers = address.get('numbers')
  const size = LABEL_SIZES.find(({ key }) => key === address.get('size')) ?? firstSize
  const filter = filterKeys.flatMap((key) => {
    const value = address.get(key)
    return value === null || value === '' ? [] : [[key, value] as const]
  })
  return {
    kind: PRINT_KINDS.find((one) => one === address.get('kind')) ?? 'computers',
    numbers: numbers === null ? null : numbersIn(numbers),
    filter: Object.fromEntries(filter),
    size,
    start: startWithin(size, Number(address.get('start') ?? 1)),
    form: FORM_NAMES.find((one) => one === address.get('form')) ?? 'filing',
  }
}

/** `page`: of labels or of forms; each leaves out what is the other's. */
export function choiceToAddress(choice: PrintChoice, page: 'labels' | 'forms'): URLSearchParams {
  const address = new URLSearchParams(page === 'forms' ? { form: choice.form } : {})
  address.set('kind', choice.kind)
  if (choice.numbers === null)
    for (const [key, value] of Object.entries(choice.filter)) address.set(key, value)
  else address.set('numbers', choice.numbers.join(','))
  if (page === 'labels') {
    address.set('size', choice.size.key)
    if (choice.start !== 1) address.set('start', String(choice.start))
  }
  return address
}

/** Returns the query that finds what is chosen. */
export function printableQueryOf({ numbers, filter }: PrintChoice): string {
  const query =
    numbers === null ? new URLSearchParams(filter) : new URLSearchParams({ numbers: numbers.join(',') })
  return query.toString()
}

/** Returns the numbers in what somebody typed or pasted, each once. */
export function numbersIn(text: string): readonly string[] {
  const numbers = text.normalize('NFKC').split(/[\s,;、]+/u)
  return [...new Set(numbers.filter((one) => one !== ''))]
}

/** Where an entry's own page is. */
export function entryAddress({
  kind,
  number,
}: {
  readonly kind: PrintKind
  readonly number: string
}): string {
  const name = encodeURIComponent(number)
  return kind === 'media' ? `/media/${name}` : `/registers/${kind}/${name}`
}
