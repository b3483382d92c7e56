import { type Measured, median } from './measure.ts'
import type { Goal, Metric, Row } from './row.ts'

/** A row with its figures, as `--json` writes it. */
export interface Result {
  readonly id: string
  readonly work: string
  readonly metrics: readonly Metric[]
  readonly measured: readonly Measured[]
  readonly goals: readonly (Goal & { readonly reached: number | null; readonly met: boolean | null })[]
}

/**
 * plait's time divided by the peer's: taken round by round, side by side, then the median. Below 1 plait
 * is faster. `null` if the peer is absent.
 */
export function ratioTo(peer: string, metric: string, measured: readonly Measured[]): number | null {
  const [own] = measured
  const other = measured.find(({ subject }) => subject === peer)
  if (own === undefined || other === undefined || other.rounds.length === 0) return null
  return median(own.rounds.map((figures, round) => figures[metric]! / other.rounds[round]![metric]!))
}

export function resultOf(row: Row, measured: readonly Measured[]): Result {
  const goals = row.goals.map((goal) => {
    const reached = ratioTo(goal.peer, goal.metric, measured)
    return { ...goal, reached, met: reached === null ? null : reached <= goal.ratio }
  })
  return { id: row.id, work: row.work, metrics: row.metrics, measured, goals }
}

/** The table as text, one block a row. A row where plait loses stays, with its goal marked as missed. */
export function formatResult(result: Result): string {
  const { id, work, metrics, measured, goals } = result
  const head = ['', ...metrics.flatMap(({ name, unit }) => [`${name}, ${unit}`, 'plait ÷ it'])]
  const body = measured.map(({ subject, rounds, absent }, index) => {
    if (absent !== undefined) return [subject, `absent: ${absent}`]
    return [
      subject,
      ...metrics.flatMap(({ name }) => [
        formatNumber(median(rounds.map((figures) => figures[name]!))),
        index === 0 ? '' : formatNumber(ratioTo(subject, name, measured)!),
      ]),
    ]
  })
  const lines = align([head, ...body])
  const verdicts = goals.map(({ metric, peer, ratio, reached, met }) => {
    const verdict = met === null ? 'not measured' : met ? 'met' : `missed (${formatNumber(reached!)})`
    return `    goal: ${metric} ≤ ${formatNumber(ratio)} × ${peer}: ${verdict}`
  })
  return [`${id}  ${work}`, ...lines.map((line) => `    ${line}`), ...verdicts].join('\n')
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value < 0.1 ? 3 : 2)
}

/** The first column to the left, figures to the right; a row of two cells is a name and a remark. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    if (row.length === 2 && rows[0]!.length > 2) widths[0] = Math.max(widths[0] ?? 0, row[0]!.length)
    else
      for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(row.length === 2 ? 0 : widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  )
}
