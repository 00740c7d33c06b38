/** A QR code as one path, so that it is as sharp as the printer. */
import { type ReactNode, useMemo } from 'react'
import { encode } from 'uqr'

/** In modules: what the standard wants around a code, beside the white that stands around it anyway. */
const quietModules = 2

export function QrCode({ text, title }: { readonly text: string; readonly title: string }): ReactNode {
  const { size, path } = useMemo(() => pathOf(text), [text])
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={title}
      shapeRendering="crispEdges"
    >
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path fill="#000" d={path} />
    </svg>
  )
}

function pathOf(text: string): { readonly size: number; readonly path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: quietModules })
  const runs: string[] = []
  for (const [y, row] of data.entries()) {
    for (let x = 0; x < size; x++) {
      if (row[x] !== true) continue
      const from = x
      while (row[x + 1] === true) x++
      runs.push(`M${from} ${y}h${x - from + 1}v1H${from}z`)
    }
  }
  return { size, path: runs.join('') }
}
