import { scaleLinear } from 'd3-scale'
import type { JSX } from 'preact'
import type { Row } from '../result.ts'
import { type Concurrency, concurrencyOf } from './concurrency.ts'
import { type Budget, COLUMNS, chooseLanes, condense, type DrawnLane } from './condense.ts'
import { counted, formatCount, formatTicks, formatTime } from './format.ts'

/** Columns of the profile: how many lanes computed at once. */
const PROFILE_COLUMNS = 500
const PROFILE_HEIGHT = 44
/** Up to so many calls in a lane are set apart from each other. */
const MARKS_WITH_CUTS = 120
/** Failed calls that get a cross of their own in one timeline. */
const CROSSES = 100

/** What a box needs that scrolls by itself: without a place in the tab order no keyboard reaches its end. */
export function scrolling(labelledBy: string): { role: 'group'; tabIndex: 0; 'aria-labelledby': string } {
  return { role: 'group', tabIndex: 0, 'aria-labelledby': labelledBy }
}

/** A row that ran, ready to be drawn as a timeline. */
export interface TimelineData {
  readonly row: Row
  /** Length of its time axis in milliseconds. */
  readonly end: number
  /** Calls that the row still has; of a long sample only the first. */
  readonly kept: number
  readonly lanes: readonly DrawnLane[]
  readonly laneHeight: number
  readonly concurrency: Concurrency
}

/** Works out what a timeline shows. */
export function timelineOf(row: Row, budget: Budget): TimelineData {
  const kept = row.lanes.reduce((sum, lane) => sum + lane.spans.length, 0)
  const last = row.lanes.reduce(
    (latest, lane) => lane.spans.reduce((inLane, span) => Math.max(inLane, span.end), latest),
    0.001,
  )
  const end = kept < row.calls ? last : Math.max(row.wallMs, last)
  const onOneThread = row.model === 'sync' || row.model === 'event-loop'
  const chosen = chooseLanes(row.lanes, budget.lanes)
  const laneHeight = chosen.length <= 6 ? 24 : chosen.length <= 16 ? 16 : 11
  return {
    row,
    end,
    kept,
    laneHeight,
    lanes: condense(chosen, end, (lane) => (lane + 0.5) * laneHeight, budget),
    concurrency: concurrencyOf(row.lanes, end, PROFILE_COLUMNS, onOneThread ? 1 : Infinity),
  }
}

/**
 * One timeline: a lane per task slot, thread or process, and beneath it how many of them computed at once.
 *
 * @param data.index names its marks in the page's data
 * @param longest end of the longest timeline on the page, for the common scale
 * @param most lanes that computed at once in any timeline, for the common height of the profile
 */
export function Timeline(props: {
  data: TimelineData
  index: number
  longest: number
  most: number
  recommended: boolean
}): JSX.Element {
  const { data, index, longest, most, recommended } = props
  const { row, end, lanes, laneHeight, concurrency } = data
  const height = lanes.length * laneHeight
  const id = `timeline-${index}`
  return (
    <figure class="timeline" style={`--share:${Math.min(1, end / longest)}`} aria-labelledby={id}>
      <figcaption>
        <h3 id={id}>
          {row.label} {recommended && <span class="badge">recommended</span>}
        </h3>
        <p>
          <b>{formatTime(row.wallMs)}</b> for {counted(row.calls, 'call')}
          <span class="dot"> · </span>up to <b>{concurrency.inProgress}</b> in progress at once
          <span class="dot"> · </span>up to <b>{concurrency.computing}</b> computing at once
          {row.failed > 0 && (
            <span class="bad">
              <span class="dot"> · </span>
              <span class="cross">×</span> {row.failed} failed
            </span>
          )}
        </p>
      </figcaption>
      <div class="scroll" {...scrolling(id)} data-row={index}>
        <div class="plot">
          <div class="names" aria-hidden="true">
            <div class="lane-names" style={`height:${height}px`}>
              {lanes.map((lane, at) =>
                laneHeight >= 16 || at % 4 === 0 ? (
                  <span key={lane.name} style={`top:${(at + 0.5) * laneHeight}px`}>
                    {lane.name}
                  </span>
                ) : null,
              )}
            </div>
            <div class="profile-name">
              computing at once
              <Levels most={most} />
            </div>
          </div>
          <div class="track">
            <Axis class="common" end={longest} />
            <Axis class="own" end={end} />
            <div class="ink lanes" style={`height:${height}px`} data-end={end}>
              <svg
                viewBox={`0 0 ${COLUMNS} ${height}`}
                preserveAspectRatio="none"
                height={height}
                style={`--thick:${Math.round(laneHeight * 0.72)}`}
                aria-hidden="true"
              >
                {lanes.map((lane, at) => (
                  <g key={lane.name} data-lane={lane.name}>
                    <path class="base" d={`M0 ${(at + 0.5) * laneHeight}H${COLUMNS}`} />
                    {lane.waiting !== '' && <path class="waiting" d={lane.waiting} />}
                    {lane.computing !== '' && <path class="computing" d={lane.computing} />}
                  </g>
                ))}
                <path class="cut" d={cuts(data)} />
              </svg>
              {crosses(data)}
            </div>
            <Profile data={data} most={most} />
          </div>
        </div>
      </div>
      {row.lanes.length > lanes.length && (
        <p class="note">
          {lanes.length} of {counted(row.lanes.length, 'lane')} shown, evenly chosen; the figures count them
          all.
        </p>
      )}
      {data.kept < row.calls && (
        <p class="note">
          Of {counted(row.calls, 'call')} the first {formatCount(data.kept)} are drawn.
        </p>
      )}
      {row.problem !== undefined && <ProblemNote row={row} />}
    </figure>
  )
}

/** Why a row could not be measured, or why calls in it failed, and what to do about it. */
export function ProblemNote(props: { row: Row }): JSX.Element | null {
  const { problem } = props.row
  if (problem === undefined) return null
  return (
    <p class="problem">
      <b>{problem.name}</b>
      {problem.code !== undefined && <code>{problem.code}</code>} {problem.message}
      {problem.hint !== undefined && <span class="hint">{problem.hint}</span>}
    </p>
  )
}

function Axis(props: { class: string; end: number }): JSX.Element {
  const scale = scaleLinear([0, props.end], [0, 100])
  const ticks = scale.ticks(6)
  const labels = formatTicks(ticks, props.end)
  return (
    <div class={`axis ${props.class}`} aria-hidden="true">
      {ticks.map((tick, at) => (
        <span key={tick} style={`left:${scale(tick).toFixed(3)}%`}>
          {labels[at]}
        </span>
      ))}
    </div>
  )
}

/** How many lanes computed at once, over the same time. */
function Profile(props: { data: TimelineData; most: number }): JSX.Element {
  const { concurrency } = props.data
  const unit = PROFILE_HEIGHT / props.most
  let area = `M0 ${PROFILE_HEIGHT}`
  let level = 0
  concurrency.profile.forEach((value, column) => {
    const rounded = Math.round(Math.min(value, props.most) * 20) / 20
    if (rounded === level) return
    const x = (column / PROFILE_COLUMNS) * COLUMNS
    area += `H${x}V${Math.round((PROFILE_HEIGHT - rounded * unit) * 10) / 10}`
    level = rounded
  })
  return (
    <div class="profile" style={`--levels:${props.most}`} aria-hidden="true">
      <div class="ink">
        <svg viewBox={`0 0 ${COLUMNS} ${PROFILE_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path class="area" d={`${area}H${COLUMNS}V${PROFILE_HEIGHT}Z`} />
        </svg>
        <span class="end">{formatTime(props.data.end)}</span>
      </div>
    </div>
  )
}

/** The labels of the profile's height. */
function Levels(props: { most: number }): JSX.Element {
  const levels = scaleLinear([0, props.most], [100, 0])
  return (
    <>
      {levels
        .ticks(Math.min(3, props.most))
        .filter((level) => level > 0 && Number.isInteger(level))
        .map((level) => (
          <i key={level} style={`top:${levels(level).toFixed(1)}%`}>
            {level}
          </i>
        ))}
    </>
  )
}

/** Thin gaps between calls that follow each other without a change of colour, where there is room for them. */
function cuts(data: TimelineData): string {
  const { lanes, laneHeight, end } = data
  let path = ''
  lanes.forEach((lane, at) => {
    if (lane.marks.length > MARKS_WITH_CUTS) return
    lane.marks.forEach((mark, index) => {
      const previous = lane.marks[index - 1]
      if (previous === undefined || mark.calls > 1 || mark.first !== previous.last) return
      path += `M${Math.round((mark.start / end) * COLUMNS * 10) / 10} ${at * laneHeight}v${laneHeight}`
    })
  })
  return path
}

function crosses(data: TimelineData): JSX.Element[] {
  const { lanes, laneHeight, end } = data
  const failed = lanes.flatMap((lane, at) =>
    lane.marks.filter((mark) => mark.failed > 0).map((mark) => ({ mark, at })),
  )
  return failed.slice(0, CROSSES).map(({ mark, at }) => (
    <i
      key={mark.call}
      class="cross"
      aria-hidden="true"
      style={`left:${((mark.end / end) * 100).toFixed(2)}%;top:${(at + 0.5) * laneHeight}px`}
    >
      ×
    </i>
  ))
}
