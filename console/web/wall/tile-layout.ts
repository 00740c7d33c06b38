/**
 * Where the tiles of the departments stand: areas by their weight, as near to squares as they get, in the order given
 * (squarified treemap, Bruls, Huizing, van Wijk 2000). Pure.
 */
export interface TileBox {
  /** Shares of the whole, 0 to 1. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A department of one computer still has a tile that can be read: no tile is smaller than this share of the mean. */
const leastShare = 0.45

/** Returns a box for each weight, largest first given; `aspect` is width by height of the whole. */
export function layOutTiles(weights: readonly number[], aspect: number): TileBox[] {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, weights.length)
  const raised = weights.map((weight) => Math.max(weight, mean * leastShare, Number.EPSILON))
  const total = raised.reduce((sum, weight) => sum + weight, 0)
  // In units in which the whole is `aspect` wide and 1 high.
  const areas = raised.map((weight) => (weight / total) * aspect)
  const boxes: TileBox[] = []
  let [left, top, width, height] = [0, 0, aspect, 1]
  let at = 0
  while (at < areas.length) {
    const side = Math.min(width, height)
    const row = takeRow(areas, at, side)
    const thickness = row.reduce((sum, area) => sum + area, 0) / side
    let along = 0
    for (const area of row) {
      const length = area / thickness
      boxes.push(
        width >= height
          ? box({ left, top: top + along, width: thickness, height: length }, aspect)
          : box({ left: left + along, top, width: length, height: thickness }, aspect),
      )
      along += length
    }
    if (width >= height) {
      left += thickness
      width -= thickness
    } else {
      top += thickness
      height -= thickness
    }
    at += row.length
  }
  return boxes
}

/** Takes as many as make the row's worst tile better, no more. */
function takeRow(areas: readonly number[], from: number, side: number): number[] {
  let row: number[] = []
  for (const area of areas.slice(from)) {
    const longer = [...row, area]
    if (row.length > 0 && worst(longer, side) > worst(row, side)) break
    row = longer
  }
  return row
}

/** The worst proportion in a row, 1 for a square. */
function worst(row: readonly number[], side: number): number {
  const sum = row.reduce((all, area) => all + area, 0)
  return Math.max(
    ...row.map((area) => Math.max((side * side * area) / (sum * sum), (sum * sum) / (side * side * area))),
  )
}

function box({ left, top, width, height }: TileBox, aspect: number): TileBox {
  return { left: left / aspect, top, width: width / aspect, height }
}
