/** A form to be signed, as it is printed: the same on the screen. Chinese first, English small below it. */
import type { ReactNode } from 'react'
import type { Words } from '../../ledger/fields.ts'
import type { FormCell, FormContent, FormPart } from '../../ledger/form-parts.ts'
import { formMark } from '../../ledger/print-mark.ts'
import { QrCode } from '../labels/qr-code.tsx'

interface Props {
  readonly content: FormContent
  /** Null: it is numbered when it is printed. */
  readonly number: string | null
  /** 1 is the first. */
  readonly copy: number
}

export function FormSheet({ content, number, copy }: Props): ReactNode {
  const { title, unit, date, parts, basis, notes } = content
  return (
    <article className="print-sheets form-sheet" lang="zh-CN" data-testid="form-sheet">
      <header className="form-head">
        <div className="form-mark">
          密级
          <span className="form-blank" />
        </div>
        <div className="form-title">
          <h2>{title.zh}</h2>
          <p lang="en">{title.en}</p>
        </div>
        <div className="form-number">
          {number === null ? (
            <div className="form-code-place" />
          ) : (
            <QrCode text={formMark(number)} title={number} />
          )}
        </div>
      </header>
      <div className="form-line">
        <span>
          单位 <bdi>{unit}</bdi>
        </span>
        <span>填表日期 {date}</span>
        <span>
          编号 <strong>{number ?? '（打印时编号）'}</strong>
          {copy > 1 && ` 补打 第${copy}份`}
        </span>
      </div>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a form never move.
        <Part key={at} part={part} />
      ))}
      <footer className="form-foot">
        {notes.map((one) => (
          <p key={one.zh}>
            注：{one.zh} <span lang="en">{one.en}</span>
          </p>
        ))}
        <p>依据：{basis}。</p>
      </footer>
    </article>
  )
}

function Gloss({ words }: { readonly words: Words }): ReactNode {
  return (
    <>
      {words.zh}
      <small lang="en">{words.en}</small>
    </>
  )
}

function Title({ words }: { readonly words: Words | null }): ReactNode {
  if (words === null) return null
  return (
    <h2 className="form-part-title">
      {words.zh} <small lang="en">{words.en}</small>
    </h2>
  )
}

function Part({ part }: { readonly part: FormPart }): ReactNode {
  switch (part.part) {
    case 'cells':
      return (
        <section className="form-part">
          <Title words={part.title} />
          <Cells cells={part.cells} />
        </section>
      )
    case 'table':
      return (
        <section className="form-part form-part-long">
          <Title words={part.title} />
          <Table part={part} />
        </section>
      )
    case 'lines':
      return (
        <section className="form-part">
          <Title words={part.title} />
          <div className="form-lines">
            {Array.from({ length: part.lines }, (_, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: empty lines to write on.
              <div key={at} />
            ))}
          </div>
        </section>
      )
    case 'signatures':
      return (
        <section className="form-part form-signatures" data-testid="form-signatures">
          <Title words={part.title} />
          <div className={`form-places form-places-${part.places.length}`}>
            {part.places.map((one) => (
              <div key={one.zh} className={`form-place${part.isOpinion ? ' form-place-opinion' : ''}`}>
                <div>
                  <Gloss words={one} />
                </div>
                <div className="form-sign">
                  <span>签字</span>
                  <span className="form-blank" />
                </div>
                <div className="form-day">
                  <span>年</span>
                  <span>月</span>
                  <span>日</span>
                </div>
              </div>
            ))}
          </div>
        </section>
      )
  }
}

/** Two pairs in a row; a wide one has its row to itself, and one that is left over stretches. */
function Cells({ cells }: { readonly cells: readonly FormCell[] }): ReactNode {
  const rows: FormCell[][] = []
  for (const cell of cells) {
    const last = rows.at(-1)
    const hasRoom = last?.length === 1 && last[0]?.isWide !== true
    if (cell.isWide !== true && hasRoom) last?.push(cell)
    else rows.push([cell])
  }
  return (
    <table className="form-table form-cells">
      <colgroup>
        <col className="form-cell-name" />
        <col />
        <col className="form-cell-name" />
        <col />
      </colgroup>
      <tbody>
        {rows.map((row) => (
          <tr key={row[0]?.words.zh}>
            {row.map((cell) => (
              <Cell key={cell.words.zh} cell={cell} isAlone={row.length === 1} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cell({ cell, isAlone }: { readonly cell: FormCell; readonly isAlone: boolean }): ReactNode {
  return (
    <>
      <th scope="row">
        <Gloss words={cell.words} />
      </th>
      <td colSpan={isAlone ? 3 : 1}>
        {'options' in cell
          ? cell.options.map(({ zh, en }) => (
              <span key={zh} className="form-option">
                □ {zh} <small lang="en">{en}</small>
              </span>
            ))
          : cell.value !== null && <bdi>{cell.value}</bdi>}
      </td>
    </>
  )
}

function Table({ part }: { readonly part: Extract<FormPart, { part: 'table' }> }): ReactNode {
  const blank = Array.from({ length: part.blankRows }, () => part.columns.map(() => ''))
  return (
    <table className="form-table form-list">
      <colgroup>
        {part.columns.map(({ words, share }) => (
          <col key={words.zh} style={{ width: `${share}%` }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {part.columns.map(({ words }) => (
            <th key={words.zh} scope="col">
              <Gloss words={words} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {[...part.rows, ...blank].map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a form never move.
          <tr key={at}>
            {row.map((text, column) => {
              const [first = '', gloss] = text.split('\n')
              return (
                <td key={part.columns[column]?.words.zh} data-is={first === '□' ? 'box' : undefined}>
                  <bdi>{first}</bdi>
                  {gloss !== undefined && <small lang="en">{gloss}</small>}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
