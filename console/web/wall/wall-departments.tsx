/** The departments: sized by their computers, coloured by the worst that is open there, with its word and its shape. */
import type { ReactNode } from 'react'
import type { WallTile } from '../../api/contract-wall.ts'
import { useText } from '../i18n/use-text.ts'
import { SeverityMark } from '../show/severity-mark.tsx'
import { WatchMark } from '../show/watch-mark.tsx'
import { layOutTiles } from './tile-layout.ts'

/** Width by height of the room that the tiles have, as in `styles/wall.css`. */
const aspect = 1388 / 606

export function WallDepartments({ tiles }: { readonly tiles: readonly WallTile[] }): ReactNode {
  const { t } = useText()
  const boxes = layOutTiles(
    tiles.map(({ computers }) => computers),
    aspect,
  )
  return (
    <section className="wall-departments" aria-label={t('wall.departments')}>
      {tiles.length === 0 && <p className="wall-nothing">{t('wall.no-computers')}</p>}
      {tiles.map((tile, at) => {
        const box = boxes[at]
        if (box === undefined) return null
        const isNarrow = box.width * aspect < 0.36
        const percent = (share: number) => `${share * 100}%`
        return (
          <div
            key={tile.name ?? ' '}
            className={`wall-tile ${tileClass(tile)} ${sizeClass(box.width * aspect, box.height)}`}
            style={{
              left: percent(box.left),
              top: percent(box.top),
              width: percent(box.width),
              height: percent(box.height),
            }}
            data-testid="wall-tile"
          >
            <div className="wall-tile-in">
              <bdi className="wall-tile-name">
                {tile.name === null
                  ? t('wall.no-department')
                  : tile.name === ''
                    ? t('wall.others')
                    : tile.name}
              </bdi>
              <span className="wall-tile-worst">
                {tile.worst === null ? (
                  tile.unproven + tile.broken === 0 ? (
                    <WatchMark state="proven" words={t('wall.tile-quiet')} />
                  ) : (
                    <span className="wall-tile-quiet">{t('wall.tile-quiet')}</span>
                  )
                ) : (
                  <>
                    <SeverityMark severity={tile.worst} />
                    <strong className="wall-tile-open">{tile.open}</strong>
                  </>
                )}
              </span>
              <span className="wall-tile-about">
                {t(isNarrow ? 'wall.tile-computers-short' : 'wall.tile-computers', { count: tile.computers })}
                {tile.unproven + tile.broken > 0 && (
                  <WatchMark
                    state={tile.broken > 0 ? 'broken' : 'unproven'}
                    words={
                      isNarrow
                        ? String(tile.unproven + tile.broken)
                        : t('wall.tile-unproven', { count: tile.unproven + tile.broken })
                    }
                  />
                )}
              </span>
            </div>
          </div>
        )
      })}
    </section>
  )
}

function tileClass({ worst, unproven, broken }: WallTile): string {
  if (worst !== null) return `wall-tile-${worst}`
  // Green is earned: nothing open where not everything is watched is grey.
  return unproven + broken === 0 ? 'wall-tile-proven' : 'wall-tile-grey'
}

/** Shares of the height of the whole: what does not fit is left out, the name and the shape never. */
function sizeClass(width: number, height: number): string {
  const least = Math.min(width, height * 1.4)
  const size = least < 0.25 ? 'wall-tile-small' : least < 0.36 ? 'wall-tile-middle' : 'wall-tile-large'
  return height < 0.165 ? `${size} wall-tile-short` : size
}
