import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AbsentSubject, Figures, ForeignSubject, Row, Size, Subject } from './row.ts'

/** All rounds of one subject; or why it has none. */
export interface Measured {
  readonly subject: string
  readonly rounds: readonly Figures[]
  readonly absent?: string
}

const PROCESS = fileURLToPath(new URL('./process.js', import.meta.url))
/** Far beyond what any round takes: a peer that hangs must not stop the table. */
const ROUND_LIMIT_MS = 120_000

/**
 * Runs every subject of the row `rounds` times, each time in a fresh process, in alternating order, so
 * that a machine that slows down slows down everybody.
 */
export async function measureRow(row: Row, rounds: number, quick: boolean): Promise<Measured[]> {
  const size = quick ? row.quickSize : { ...row.size, ...row.calibrate?.() }
  const figures = new Map<string, Figures[]>()
  const absent = new Map<string, string>()
  for (const subject of row.subjects) {
    const reason = whyAbsent(subject)
    if (reason === undefined) figures.set(subject.name, [])
    else absent.set(subject.name, reason)
  }
  const present = row.subjects.filter((subject) => figures.has(subject.name)) as (Subject | ForeignSubject)[]
  for (let round = 0; round < rounds; round++) {
    const turned = [...present.slice(round % present.length), ...present.slice(0, round % present.length)]
    for (const subject of round % 2 === 0 ? turned : turned.reverse()) {
      figures.get(subject.name)!.push(await measureOnce(row, subject, size))
    }
  }
  return row.subjects.map(({ name }) => {
    const reason = absent.get(name)
    return {
      subject: name,
      rounds: figures.get(name) ?? [],
      ...(reason === undefined ? {} : { absent: reason }),
    }
  })
}

function whyAbsent(subject: Subject | ForeignSubject | AbsentSubject): string | undefined {
  if ('absent' in subject) return subject.absent
  if (!('command' in subject)) return undefined
  const { error, status } = spawnSync(subject.command, ['--version'], { stdio: 'ignore' })
  return error === undefined && status === 0 ? undefined : `${subject.command} is not on PATH`
}

function measureOnce(row: Row, subject: Subject | ForeignSubject, size: Size): Promise<Figures> {
  const [command, args] =
    'command' in subject
      ? [subject.command, subject.args(size)]
      : [process.execPath, [PROCESS, row.id, subject.name, JSON.stringify(size)]]
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: ROUND_LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const figures = code === 0 ? parseFigures(output, row) : undefined
      if (figures !== undefined) resolve(figures)
      else reject(new Error(`${row.id}, ${subject.name}: ${signal ?? `exit status ${code}`}\n${output}`))
    })
  })
}

/** The last line of the output; `undefined` unless it holds a number for every metric. */
function parseFigures(output: string, row: Row): Figures | undefined {
  try {
    const figures = JSON.parse(output.trimEnd().split('\n').at(-1)!) as Figures
    return row.metrics.every(({ name }) => Number.isFinite(figures[name])) ? figures : undefined
  } catch {
    return undefined
  }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** By the nearest rank, for the middle of an even number of values their mean. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (q === 0.5 && Number.isInteger(middle)) return (sorted[middle - 1]! + sorted[middle]!) / 2
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
}
