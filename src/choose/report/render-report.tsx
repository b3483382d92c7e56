import type { JSX } from 'preact'
import { render } from 'preact-render-to-string'
import type { ChooseResult, CostModel, Model } from '../result.ts'
import { Comparison, Failures, Figures, isRecommended, Predictions } from './figures.tsx'
import { counted, formatFactor, formatTime } from './format.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'
import { Timeline, type TimelineData, timelineOf } from './timeline.tsx'

/** Where and how the measurement was made: the foot of the report. */
export interface ReportInfo {
  /** What was measured, such as `download.ts#download`. */
  readonly title: string
  /** The command line that makes this report again. */
  readonly command?: string
  readonly createdAt: Date
  /** Version of Node, such as `v20.20.2`. */
  readonly node: string
  /** Processor cores that the process may use. */
  readonly cores: number
  /** Name of the processor. */
  readonly cpu: string
}

/** Most lanes in one timeline. */
const LANES = 32
/** Segments drawn exactly, and calls that can be pointed at, in the whole page. */
const SEGMENTS = 40_000
const MARKS = 8_000

/**
 * The report of a `choose` run: one HTML page that needs nothing but itself.
 *
 * The page is complete without JavaScript; its script adds the details of single calls under the pointer
 * and the arrow keys. Its size is bounded: many lanes and many calls are condensed, and it says where.
 *
 * @example
 * ```ts
 * await writeFile('report.html', renderReport(result, { title: 'work.ts#work', createdAt: new Date(),
 *   node: process.version, cores: os.availableParallelism(), cpu: os.cpus()[0]?.model ?? 'unknown' }))
 * ```
 */
export function renderReport(result: ChooseResult, info: ReportInfo): string {
  const ran = result.measured.filter((row) => row.ok)
  const rows = Math.max(1, ran.length)
  const budget = { lanes: LANES, segments: Math.floor(SEGMENTS / rows), marks: Math.floor(MARKS / rows) }
  const timelines = ran.map((row) => timelineOf(row, budget))
  return `<!doctype html>\n${render(<Page result={result} info={info} timelines={timelines} />)}\n`
}

function Page(props: { result: ChooseResult; info: ReportInfo; timelines: TimelineData[] }): JSX.Element {
  const { result, info, timelines } = props
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <title>{`${info.title}: ${headline(result)}`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <a class="skip" href="#figures">
          Skip to the figures
        </a>
        <Header result={result} info={info} />
        <main>
          <section aria-labelledby="comparison">
            <h2 id="comparison">How long each model takes</h2>
            <Comparison result={result} />
            {(result.notes ?? []).map((note) => (
              <p key={note} class="note">
                {note}
              </p>
            ))}
          </section>
          {timelines.length > 0 && <Timelines result={result} timelines={timelines} />}
          {result.model.predictions.length > 0 && (
            <section aria-labelledby="predictions">
              <h2 id="predictions">With more workers, or fewer</h2>
              <p class="lead">
                Predicted time of the whole job, {counted(result.model.count, 'call')}, start-up included, on{' '}
                {counted(result.model.cores, 'core')}.
              </p>
              <Predictions result={result} />
            </section>
          )}
          <section aria-labelledby="figures">
            <h2 id="figures">All figures</h2>
            <Figures result={result} />
          </section>
          {result.measured.some((row) => row.failed > 0) && (
            <section aria-labelledby="failures">
              <h2 id="failures">Calls that failed</h2>
              <Failures rows={result.measured.filter((row) => row.failed > 0)} />
            </section>
          )}
          <Method result={result} info={info} />
        </main>
        <div id="tip" role="status" hidden />
        <script
          type="application/json"
          id="marks"
          dangerouslySetInnerHTML={{ __html: embed(marksOf(timelines)) }}
        />
        <script dangerouslySetInnerHTML={{ __html: SCRIPT }} />
      </body>
    </html>
  )
}

const PREPOSITION: Record<Model, string> = {
  sync: '',
  'event-loop': 'on the ',
  threads: 'in ',
  processes: 'in ',
}

function headline(result: ChooseResult): string {
  if (!result.measured.some((row) => row.ok)) return 'No model could run this'
  return `Run it ${PREPOSITION[result.recommendation.model]}${result.recommendation.label}`
}

function Header(props: { result: ChooseResult; info: ReportInfo }): JSX.Element {
  const { result, info } = props
  const { model } = result
  return (
    <header>
      <p class="eyebrow">
        <span>plait choose</span> <code>{info.title}</code>
      </p>
      <h1>{headline(result)}</h1>
      <p class="reason">{result.reason}</p>
      <dl class="facts">
        <div>
          <dt>The whole job</dt>
          <dd>{jobFact(result)}</dd>
        </div>
        <div>
          <dt>{KIND[model.kind]}</dt>
          <dd>
            computes {formatTime(model.computeMs)}, waits {formatTime(model.waitMs)}
            <CallBar compute={model.computeMs} wait={model.waitMs} />
          </dd>
        </div>
        <div>
          <dt>Break-even</dt>
          <dd>{model.breakEven}</dd>
        </div>
      </dl>
    </header>
  )
}

const KIND: Record<CostModel['kind'], string> = {
  'I/O-bound': 'One call is I/O-bound',
  'CPU-bound': 'One call is CPU-bound',
  mixed: 'One call does both',
}

/** What of one call is computing and what is waiting. */
function CallBar(props: { compute: number; wait: number }): JSX.Element | null {
  const whole = props.compute + props.wait
  if (whole <= 0) return null
  return (
    <span class="call-bar" aria-hidden="true">
      <span class="computing" style={`flex-grow:${(props.compute / whole).toFixed(4)}`} />
      <span class="waiting" style={`flex-grow:${(props.wait / whole).toFixed(4)}`} />
    </span>
  )
}

function jobFact(result: ChooseResult): string {
  const { predictions, count } = result.model
  const best =
    predictions.find((prediction) => isRecommended(result, prediction)) ??
    result.measured.find((row) => row.ok && isRecommended(result, row))
  const sequence =
    predictions.find((prediction) => prediction.model === 'sync') ??
    result.measured.find((row) => row.ok && row.model === 'sync')
  if (best === undefined) return counted(count, 'call')
  const time = `${counted(count, 'call')} in ${formatTime(best.predictedMs)}`
  if (sequence === undefined || best.model === 'sync') return time
  const factor = sequence.predictedMs / best.predictedMs
  return `${time} instead of ${formatTime(sequence.predictedMs)} in sequence: ${formatFactor(factor)} as fast`
}

function Timelines(props: { result: ChooseResult; timelines: TimelineData[] }): JSX.Element {
  const { result, timelines } = props
  const longest = Math.max(...timelines.map((timeline) => timeline.end))
  const most = Math.max(2, ...timelines.map((timeline) => timeline.concurrency.computing))
  const main = onePerModel(result, timelines)
  const others = timelines.filter((timeline) => !main.includes(timeline))
  const draw = (data: TimelineData): JSX.Element => (
    <Timeline
      key={data.row.label}
      data={data}
      index={timelines.indexOf(data)}
      longest={longest}
      most={most}
      recommended={isRecommended(result, data.row)}
    />
  )
  return (
    <section class="timelines" aria-labelledby="timelines">
      <h2 id="timelines">What ran when</h2>
      <p class="lead">
        <b>Concurrency</b> is many calls in progress at once, most of them waiting. <b>Parallelism</b> is many
        calls computing at once; that takes threads or processes, and more than one core.
      </p>
      <div class="tools">
        <div class="legend">
          <span class="key computing">computing</span>
          <span class="key waiting">waiting</span>
          <span class="key failed">
            <span class="cross">×</span> failed call
          </span>
        </div>
        <fieldset>
          <legend>Time axis</legend>
          <label>
            <input type="radio" name="axis" id="axis-common" checked /> the same for all
          </label>
          <label>
            <input type="radio" name="axis" id="axis-own" /> each its own
          </label>
        </fieldset>
      </div>
      <p class="keys" hidden>
        Point at a call for its details, or focus a timeline and move with <kbd>←</kbd> <kbd>→</kbd>{' '}
        <kbd>↑</kbd> <kbd>↓</kbd>.
      </p>
      {main.map(draw)}
      {others.length > 0 && (
        <details>
          <summary>
            {counted(others.length, 'more timeline')}: {others.map((data) => data.row.label).join('; ')}
          </summary>
          {others.map(draw)}
        </details>
      )}
      {result.measured
        .filter((row) => !row.ok)
        .map((row) => (
          <p key={row.label} class="note">
            {row.label}: not measured, so there is no timeline.
          </p>
        ))}
    </section>
  )
}

/** The recommended row, and of every other model the fastest. */
function onePerModel(result: ChooseResult, timelines: readonly TimelineData[]): TimelineData[] {
  const best = new Map<Model, TimelineData>()
  for (const timeline of timelines) {
    const { row } = timeline
    const known = best.get(row.model)
    if (known !== undefined && isRecommended(result, known.row)) continue
    if (known === undefined || isRecommended(result, row) || row.wallMs < known.row.wallMs) {
      best.set(row.model, timeline)
    }
  }
  return [...best.values()]
}

function Method(props: { result: ChooseResult; info: ReportInfo }): JSX.Element {
  const { info, result } = props
  return (
    <section class="method" aria-labelledby="method">
      <h2 id="method">How this was measured</h2>
      <p>
        Every model really ran the same sample, one after the other. <b>Computing</b> means that the processor
        worked for the call; <b>waiting</b> is the rest of its time: for the network, a disk, a timer, or its
        turn. <b>Loop blocked</b> is how long the main thread could not serve anything else. <b>Start-up</b>{' '}
        is the time until the workers of a new pool answer; the time of the sample does not contain it, the
        prediction for the whole job does.
      </p>
      <dl>
        {info.command !== undefined && (
          <div>
            <dt>Command</dt>
            <dd>
              <code>{info.command}</code>
            </dd>
          </div>
        )}
        <div>
          <dt>Machine</dt>
          <dd>
            {counted(info.cores, 'core')}, {info.cpu}
          </dd>
        </div>
        <div>
          <dt>Node</dt>
          <dd>{info.node}</dd>
        </div>
        <div>
          <dt>Made</dt>
          <dd>
            <time dateTime={info.createdAt.toISOString()}>
              {info.createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC
            </time>
          </dd>
        </div>
        <div>
          <dt>The job</dt>
          <dd>{counted(result.model.count, 'call')}</dd>
        </div>
      </dl>
    </section>
  )
}

/** Different error messages in the details of calls, and their length; the list of failed calls has more. */
const TIPS = 500
const TIP_LENGTH = 200

/** The calls that can be pointed at, as `script.ts` reads them. */
function marksOf(timelines: readonly TimelineData[]): unknown {
  const errors = new Map<string, number>()
  const indexOf = (error: string): number => {
    if (!errors.has(error) && errors.size < TIPS) errors.set(error, errors.size)
    return errors.get(error) ?? -1
  }
  const rows = timelines.map((timeline) =>
    timeline.lanes.map((lane) => ({
      name: lane.name,
      marks: lane.marks.map((mark) => [
        mark.call,
        mark.calls,
        ...[mark.start, mark.end, mark.computing, mark.waiting].map((ms) => Number(ms.toFixed(3))),
        ...(mark.error === undefined ? [] : [mark.failed, indexOf(mark.error)]),
      ]),
    })),
  )
  return { rows, errors: [...errors.keys()].map((error) => error.slice(0, TIP_LENGTH)) }
}

/** JSON that no content of it can end early: `</script>` and `<!--` are broken up. */
function embed(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
