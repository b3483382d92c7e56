// What `plait choose` prints: the table, the bars, the recommendation, and what went wrong.

import Table from 'cli-table3'
import { type ChooseResult, type Row, sayBytes, sayCount, sayTime } from '../choose/index.ts'
import type { Style } from './style.ts'

const BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const

interface Column {
  readonly head: string
  readonly cell: (row: Row) => string
  /** Left out where the terminal is narrower than this. */
  readonly from?: number
}

const COLUMNS: readonly Column[] = [
  { head: 'model', cell: (row) => row.label },
  {
    head: 'calls',
    cell: (row) => (row.failed > 0 ? `${row.calls} (${row.failed} failed)` : String(row.calls)),
  },
  { head: 'took', cell: (row) => sayTime(row.wallMs) },
  { head: 'the model says', cell: (row) => sayTime(row.predictedSampleMs), from: 100 },
  { head: 'CPU', cell: (row) => sayTime(row.cpuMs) },
  { head: 'loop blocked', cell: (row) => sayTime(row.loopBlockedMs) },
  { head: 'crossed', cell: (row) => sayBytes(row.bytesIn + row.bytesOut), from: 110 },
  { head: 'start-up', cell: (row) => sayTime(row.startupMs), from: 80 },
  { head: 'memory', cell: (row) => sayBytes(row.memoryBytes), from: 120 },
  { head: 'whole job', cell: (row) => sayTime(row.predictedMs) },
]

/** The whole answer as text. */
export function chooseScreen(title: string, result: ChooseResult, width: number, style: Style): string {
  const { model, measured, recommendation } = result
  const head = `${style.bold(title)}: ${sayCount(model.count, 'call')}, ${sayCount(model.cores, 'core')}, ${model.kind}: a call computes ${sayTime(model.computeMs)} and waits ${sayTime(model.waitMs)}`
  const isBest = (row: { model: string; workers: number | null }) =>
    row.model === recommendation.model && row.workers === recommendation.workers
  const parts = [
    head,
    table(
      measured.filter((row) => row.ok),
      isBest,
      width,
      style,
    ),
    bars(result, isBest, width, style),
    ...problems(measured, style),
    ...(result.notes ?? []).map((note) => style.dim(note)),
    `${style.green('➜')} ${style.bold(result.reason)}\n  ${model.breakEven}`,
  ]
  return `${parts.join('\n\n')}\n`
}

function table(rows: readonly Row[], isBest: (row: Row) => boolean, width: number, style: Style): string {
  const columns = COLUMNS.filter(({ from = 0 }) => width >= from)
  const drawn = new Table({
    head: columns.map(({ head }) => style.dim(head)),
    chars: BORDERS,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((_, index) => (index === 0 ? 'left' : 'right')),
  })
  for (const row of rows) {
    const cells = columns.map(({ cell }) => cell(row))
    drawn.push(isBest(row) ? cells.map((cell) => style.green(cell)) : cells)
  }
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** One bar for each row: the predicted time of the whole job. */
function bars(
  { measured, model }: ChooseResult,
  isBest: (row: Row) => boolean,
  width: number,
  style: Style,
): string {
  const rows = measured.filter((row) => row.ok)
  const longest = Math.max(...rows.map((row) => row.predictedMs), 1e-9)
  const labels = Math.max(...rows.map((row) => row.label.length))
  const room = Math.max(10, Math.min(60, width - labels - 14))
  const lines = rows.map((row) => {
    const eighths = Math.max(1, Math.round((row.predictedMs / longest) * room * 8))
    const bar = '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!
    const paint = isBest(row) ? style.green : (text: string) => text
    return paint(`${row.label.padEnd(labels)}  ${bar} ${sayTime(row.predictedMs)}`)
  })
  return [style.dim(`the whole job of ${sayCount(model.count, 'call')}, predicted`), ...lines].join('\n')
}

/** The same problem of several rows is said once. */
function problems(rows: readonly Row[], style: Style): string[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    if (row.problem === undefined) continue
    const key = row.ok ? row.problem.name : `${row.problem.name} ${row.problem.message}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map((group) => {
    const { ok, problem } = group[0]!
    const where = group.length === rows.length ? 'every model' : group.map(({ label }) => label).join('; ')
    const mark = ok ? style.yellow('!') : style.red('✗')
    const hint = problem?.hint === undefined ? '' : `\n  ${style.dim(problem.hint)}`
    return `${mark} ${where}: ${problem?.name}: ${problem?.message}${hint}`
  })
}
