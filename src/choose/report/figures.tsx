import type { JSX } from 'preact'
import type { ChooseResult, Model, Prediction, Row } from '../result.ts'
import { counted, formatBytes, formatCount, formatTime } from './format.ts'
import { ProblemNote, scrolling } from './timeline.tsx'

/** True for the row or prediction that the recommendation names. */
export function isRecommended(result: ChooseResult, row: { model: Model; workers: number | null }): boolean {
  return row.model === result.recommendation.model && row.workers === result.recommendation.workers
}

function Bar(props: { class: string; part: number; value: string; note?: string }): JSX.Element {
  return (
    <span class={`bar ${props.class}`}>
      <span class="fill" style={`--part:${Math.max(0.004, props.part).toFixed(4)}`} />
      <span class="value">
        {props.value}
        {props.note !== undefined && <small> {props.note}</small>}
      </span>
    </span>
  )
}

function part(value: number, most: number): number {
  return most > 0 && Number.isFinite(value) ? Math.min(1, value / most) : 0
}

/**
 * The sample as measured and fitted, and the whole job as predicted, side by side for every row. Samples of
 * different length are compared by the call.
 */
export function Comparison(props: { result: ChooseResult }): JSX.Element {
  const { measured, model } = props.result
  const ran = measured.filter((row) => row.ok)
  const calls = new Set(ran.map((row) => row.calls))
  const perCall = calls.size > 1
  const unit = (row: Row): number => (perCall ? Math.max(1, row.calls) : 1)
  const longest = Math.max(0, ...ran.map((row) => Math.max(row.wallMs, row.predictedSampleMs) / unit(row)))
  const longestJob = Math.max(0, ...ran.map((row) => row.predictedMs))
  return (
    <div class="comparison">
      <div class="legend" aria-hidden="true">
        <span class="key measured">
          measured{perCall ? ', time for each call' : `, sample of ${counted(ran[0]?.calls ?? 0, 'call')}`}
        </span>
        <span class="key fit">fitted to it</span>
        <span class="key predicted">predicted, whole job of {counted(model.count, 'call')}</span>
      </div>
      <ul>
        {measured.map((row) => (
          <li key={row.label} class={isRecommended(props.result, row) ? 'recommended' : undefined}>
            <span class="label">
              {row.label} {isRecommended(props.result, row) && <span class="badge">recommended</span>}
            </span>
            {row.ok ? (
              <>
                <span class="bars">
                  <Bar
                    class="measured"
                    part={part(row.wallMs / unit(row), longest)}
                    value={formatTime(row.wallMs / unit(row))}
                    note={perCall ? `a call, of ${formatCount(row.calls)}` : 'measured'}
                  />
                  <Bar
                    class="fit"
                    part={part(row.predictedSampleMs / unit(row), longest)}
                    value={formatTime(row.predictedSampleMs / unit(row))}
                    note={fitNote(row)}
                  />
                </span>
                <span class="bars">
                  <Bar
                    class="predicted"
                    part={part(row.predictedMs, longestJob)}
                    value={formatTime(row.predictedMs)}
                    note="whole job"
                  />
                </span>
              </>
            ) : (
              <ProblemNote row={row} />
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** How far the fit is from what was measured. */
function fitNote(row: Row): string {
  const off = row.wallMs > 0 ? Math.round((row.predictedSampleMs / row.wallMs - 1) * 100) : 0
  return off === 0 ? 'fitted' : `fitted (${off > 0 ? '+' : '−'}${Math.abs(off)} %)`
}

const MODEL_NAMES: Record<Model, string> = {
  sync: 'In sequence',
  'event-loop': 'Event loop',
  threads: 'Threads',
  processes: 'Processes',
}

/** The predicted time of the whole job for every model at every worker count. */
export function Predictions(props: { result: ChooseResult }): JSX.Element {
  const { predictions } = props.result.model
  const most = Math.max(0, ...predictions.map((prediction) => prediction.predictedMs))
  const models = [...new Set(predictions.map((prediction) => prediction.model))]
  return (
    <div class="predictions">
      {models.map((model) => (
        <div key={model}>
          <h3>{MODEL_NAMES[model]}</h3>
          <ul>
            {predictions
              .filter((prediction) => prediction.model === model)
              .map((prediction) => (
                <PredictionBar key={prediction.label} {...props} prediction={prediction} most={most} />
              ))}
          </ul>
        </div>
      ))}
    </div>
  )
}

function PredictionBar(props: { result: ChooseResult; prediction: Prediction; most: number }): JSX.Element {
  const { prediction, result, most } = props
  const recommended = isRecommended(result, prediction)
  return (
    <li class={recommended ? 'recommended' : undefined}>
      <span class="label">
        {prediction.label.replace(/^event loop, /, '')}{' '}
        {recommended && <span class="badge">recommended</span>}
      </span>
      <Bar
        class="predicted"
        part={part(prediction.predictedMs, most)}
        value={formatTime(prediction.predictedMs)}
      />
    </li>
  )
}

/** All figures of all rows, as a table. */
export function Figures(props: { result: ChooseResult }): JSX.Element {
  const { measured, model } = props.result
  return (
    <div class="scroll" {...scrolling('figures')}>
      <table>
        <caption>Times are wall-clock times unless another is named.</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Calls</th>
            <th scope="col">Failed</th>
            <th scope="col">Time</th>
            <th scope="col">Fitted</th>
            <th scope="col">Whole job of {formatCount(model.count)}</th>
            <th scope="col">Processor time</th>
            <th scope="col">Loop blocked</th>
            <th scope="col">Start&#8209;up</th>
            <th scope="col">Sent</th>
            <th scope="col">Returned</th>
            <th scope="col">Memory</th>
          </tr>
        </thead>
        <tbody>
          {measured.map((row) => (
            <tr key={row.label} class={isRecommended(props.result, row) ? 'recommended' : undefined}>
              <th scope="row">
                {row.label}
                {isRecommended(props.result, row) && <span class="badge">recommended</span>}
              </th>
              {row.ok ? (
                cells(row).map((cell, at) => <td key={String(at)}>{cell}</td>)
              ) : (
                <td colSpan={11} class="absent">
                  not measured: {row.problem?.message ?? 'no reason known'}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function cells(row: Row): string[] {
  return [
    formatCount(row.calls),
    formatCount(row.failed),
    formatTime(row.wallMs),
    formatTime(row.predictedSampleMs),
    formatTime(row.predictedMs),
    formatTime(row.cpuMs),
    formatTime(row.loopBlockedMs),
    formatTime(row.startupMs),
    formatBytes(row.bytesIn),
    formatBytes(row.bytesOut),
    formatBytes(row.memoryBytes),
  ]
}

/** Different messages listed, and their length. */
const MESSAGES = 40
const MESSAGE_LENGTH = 600

/** What the failed calls failed with: every message once, with the calls and the models that it came from. */
export function Failures(props: { rows: readonly Row[] }): JSX.Element {
  const messages = new Map<string, Map<Row, number[]>>()
  for (const row of props.rows) {
    for (const span of row.lanes.flatMap((lane) => lane.spans)) {
      if (span.error === undefined) continue
      const rows = messages.get(span.error) ?? new Map<Row, number[]>()
      messages.set(span.error, rows)
      const calls = rows.get(row)
      if (calls === undefined) rows.set(row, [span.call])
      else calls.push(span.call)
    }
  }
  return (
    <div class="failures">
      <p class="lead">
        {props.rows
          .map((row) => `${row.label}: ${formatCount(row.failed)} of ${formatCount(row.calls)}`)
          .join('; ')}
        .
      </p>
      <ul>
        {[...messages].slice(0, MESSAGES).map(([message, rows]) => (
          <li key={message}>
            <span class="cross">×</span> <q>{shorten(message)}</q>
            {placesOf(rows, props.rows.length).map((place) => (
              <small key={place}>{place}</small>
            ))}
          </li>
        ))}
      </ul>
      {messages.size > MESSAGES && (
        <p class="note">
          {MESSAGES} of {formatCount(messages.size)} different errors shown.
        </p>
      )}
    </div>
  )
}

/** Where an error came from: models that it hit at the same calls together. */
function placesOf(rows: ReadonlyMap<Row, readonly number[]>, all: number): string[] {
  const places = new Map<string, string[]>()
  for (const [row, calls] of rows) {
    const list = listOf([...calls].sort((a, b) => a - b))
    places.set(list, [...(places.get(list) ?? []), row.label])
  }
  return [...places].map(([calls, labels]) =>
    labels.length > 1 && labels.length === all ? `${calls}, in each` : `${calls}: ${labels.join('; ')}`,
  )
}

function shorten(message: string): string {
  return message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)}…` : message
}

function listOf(calls: readonly number[]): string {
  const named = calls.slice(0, 8).join(', ')
  const more = calls.length > 8 ? ` and ${formatCount(calls.length - 8)} more` : ''
  return `call${calls.length === 1 ? '' : 's'} ${named}${more}`
}
