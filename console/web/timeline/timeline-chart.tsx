/**
 * Lanes over time, drawn by the charting library: what happened, each as a bar of its step, and above it what was watched. A
 * chunk of its own, loaded with the first timeline.
 *
 * The picture is for the eye; the same stands as a table below it, which is what a screen reader is given.
 */
import { CustomChart, type CustomSeriesOption } from 'echarts/charts'
import { GridComponent, type GridComponentOption } from 'echarts/components'
import { type ComposeOption, type ECharts, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { type ReactNode, useEffect, useRef } from 'react'
import { formatTick } from './ticks.ts'

use([CustomChart, GridComponent, CanvasRenderer])
type Options = ComposeOption<CustomSeriesOption | GridComponentOption>
/** What a custom series draws. */
type Drawn = ReturnType<NonNullable<CustomSeriesOption['renderItem']>>

export type MarkTone = 'plain' | 'red' | 'amber' | 'proven' | 'unproven' | 'broken' | 'exempt' | 'session'

export interface ChartMark {
  readonly lane: string
  readonly fromMs: number
  readonly toMs: number
  readonly tone: MarkTone
  /** How many lie in it; drawn higher and, where there is room, written. */
  readonly count: number
}

interface Props {
  readonly label: string
  readonly lanes: readonly { readonly key: string; readonly label: string }[]
  readonly marks: readonly ChartMark[]
  readonly fromMs: number
  readonly toMs: number
  /** A line at this moment. */
  readonly atMs?: number | undefined
  readonly language: string
  readonly onZoom?: (factor: number, anchorMs: number) => void
  readonly onPick?: (fromMs: number, toMs: number, lane: string) => void
}

const laneHeight = 26
const axisHeight = 26
const labelWidth = 132
const colors: Readonly<Record<MarkTone, string>> = {
  plain: '#1f5582',
  red: '#b42318',
  amber: '#8a5a00',
  proven: '#1a7f4b',
  unproven: '#c3cad1',
  broken: '#b42318',
  exempt: '#dfe5ea',
  // Two people at once are seen as two.
  session: 'rgba(31, 85, 130, 0.6)',
}

export function TimelineChart(props: Props): ReactNode {
  const { lanes, label } = props
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts | null>(null)
  const held = useRef(props)
  useEffect(() => {
    held.current = props
  })

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = init(element, null, { renderer: 'canvas' })
    chart.current = made
    const resize = new ResizeObserver(() => made.resize())
    resize.observe(element)
    const timeAt = (x: number): number => Number(made.convertFromPixel({ xAxisIndex: 0 }, x))
    // Not the library's own zoom: what is seen is asked of the console, and stands in the address.
    const wheel = (event: WheelEvent): void => {
      const { onZoom } = held.current
      if (onZoom === undefined || event.ctrlKey) return
      event.preventDefault()
      onZoom(event.deltaY < 0 ? 0.5 : 2, timeAt(event.clientX - element.getBoundingClientRect().left))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    made.on('click', ({ dataIndex }) => {
      const mark = held.current.marks[dataIndex]
      if (mark !== undefined) held.current.onPick?.(mark.fromMs, mark.toMs, mark.lane)
    })
    return () => {
      element.removeEventListener('wheel', wheel)
      resize.disconnect()
      made.dispose()
      chart.current = null
    }
  }, [])

  useEffect(() => chart.current?.setOption(optionsOf(props), true))

  return (
    <div
      ref={host}
      role="img"
      aria-label={label}
      className="timeline-chart"
      style={{ height: lanes.length * laneHeight + axisHeight + 6 }}
    />
  )
}

function optionsOf({ lanes, marks, fromMs, toMs, atMs, language }: Props): Options {
  const places = new Map(lanes.map(({ key }, at) => [key, at]))
  const most = Math.max(1, ...marks.map(({ count }) => count))
  return {
    animation: false,
    grid: { left: labelWidth, right: 12, top: 4, bottom: axisHeight },
    xAxis: {
      type: 'time',
      min: fromMs,
      max: toMs,
      axisLabel: {
        color: '#4a5a6a',
        hideOverlap: true,
        formatter: (ms: number) => formatTick(ms, toMs - fromMs, language),
      },
      axisLine: { lineStyle: { color: '#d5dce3' } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: lanes.map(({ label }) => label),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: '#1b2733', width: labelWidth - 12, overflow: 'truncate' },
      splitLine: { show: true, lineStyle: { color: '#e8ecf0' } },
    },
    series: [
      {
        type: 'custom',
        clip: true,
        encode: { x: [0, 1], y: 2 },
        data: marks.map(({ fromMs: from, toMs: to, lane, count }) => [
          from,
          to,
          places.get(lane) ?? 0,
          count,
        ]),
        renderItem: (params, api): Drawn => {
          const mark = marks[params.dataIndex]
          if (mark === undefined) return null
          const [x = 0, y = 0] = api.coord([api.value(0), api.value(2)])
          const [end = 0] = api.coord([api.value(1), api.value(2)])
          return drawn(mark, { x, y, width: Math.max(2.5, end - x - 0.5), most })
        },
      },
      ...(atMs === undefined ? [] : [momentAt(atMs, lanes.length)]),
    ],
  }
}

const strips: ReadonlySet<MarkTone> = new Set(['proven', 'unproven', 'broken', 'exempt', 'session'])

function drawn(
  { tone, count }: ChartMark,
  { x, y, width, most }: { x: number; y: number; width: number; most: number },
): Drawn {
  const isStrip = strips.has(tone)
  // Few and many are told apart, and one among a million is still seen.
  const share = most === 1 ? 1 : Math.log1p(count) / Math.log1p(most)
  const height = isStrip ? laneHeight - 12 : 6 + share * (laneHeight - 11)
  const top = isStrip ? y - height / 2 : y + laneHeight / 2 - 3 - height
  const rect = {
    type: 'rect' as const,
    shape: { x, y: top, width, height },
    style: { fill: colors[tone], ...(tone === 'broken' ? { stroke: '#7a1710', lineWidth: 1.5 } : {}) },
  }
  const children = [rect, ...(tone === 'unproven' ? hatch(x, top, width, height) : [])]
  const text =
    !isStrip && width > 26 && count > 1
      ? [
          {
            type: 'text' as const,
            style: {
              text: String(count),
              x: x + width / 2,
              y: top - 1,
              fill: '#1b2733',
              align: 'center' as const,
              verticalAlign: 'bottom' as const,
              fontSize: 10,
            },
          },
        ]
      : []
  return { type: 'group', children: [...children, ...(height < 12 ? text : [])] }
}

/** Not proven is hatched: grey alone would be a colour. */
function hatch(x: number, y: number, width: number, height: number) {
  const lines = []
  for (let at = 4; at < width && lines.length < 300; at += 7) {
    lines.push({
      type: 'line' as const,
      shape: { x1: x + at, y1: y + height, x2: Math.min(x + width, x + at + 5), y2: y },
      style: { stroke: '#66727f', lineWidth: 1 },
    })
  }
  return lines
}

function momentAt(atMs: number, lanes: number): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    data: [[atMs, 0]],
    renderItem: (_params, api): Drawn => {
      const [x = 0, y = 0] = api.coord([atMs, 0])
      return {
        type: 'line',
        shape: { x1: x, y1: y - laneHeight / 2, x2: x, y2: y + (lanes - 0.5) * laneHeight },
        style: { stroke: '#b42318', lineWidth: 1.5, lineDash: [4, 3] },
      }
    },
  }
}
