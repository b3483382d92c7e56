import type { Model, RowProblem } from './result.ts'

/** An error as data: its name, code and first line, and what to do about it. */
export function problemOf(error: unknown, hint?: string): RowProblem {
  const shown = read(error)
  return {
    name: shown.name,
    ...(shown.code === undefined ? {} : { code: shown.code }),
    message: shown.message,
    ...(hint === undefined ? {} : { hint }),
  }
}

function read(error: unknown): { name: string; message: string; code?: string } {
  try {
    if (error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)) {
      const { name, message, code } = error as { name?: unknown; message?: unknown; code?: unknown }
      return {
        name: typeof name === 'string' && name !== '' ? name : 'Error',
        message: firstLine(String(message)),
        ...(typeof code === 'string' ? { code } : {}),
      }
    }
    return { name: 'Error', message: `${String(error)} was thrown, which is no Error` }
  } catch {
    return { name: 'Error', message: 'something that cannot be shown was thrown' }
  }
}

/** Of a message in several lines the first, or the second where the first only leads up to it. */
function firstLine(message: string): string {
  const [first = '', second = ''] = message.split('\n', 2)
  return first.endsWith(':') ? `${first} ${second.trim()}` : first
}

/** File, line and column of the first frame that is neither the platform's nor a loader's nor this library's. */
export function whereOf(error: unknown): string | undefined {
  const stack = (error as { stack?: unknown } | null | undefined)?.stack
  if (typeof stack !== 'string') return undefined
  for (const line of stack.split('\n')) {
    const match = /(?:file:\/\/)?(\/[^():]+|[A-Za-z]:[\\/][^():]+):(\d+)(?::(\d+))?/.exec(line)
    if (match === null || OURS.some((part) => line.includes(part))) continue
    return decodeURI(match[0].replace('file://', '').replace(/\?[^:]*/, ''))
  }
  return undefined
}

const OURS = [
  'node:internal',
  '/node_modules/tsx/',
  '/node_modules/esbuild/',
  new URL('..', import.meta.url).pathname,
]

/** What to do about a problem that kept a model from being measured. */
export function hintFor(problem: RowProblem, model: Model): string | undefined {
  const crosses = model === 'threads' || model === 'processes'
  switch (problem.code) {
    case 'PLAIT_TRANSFER':
      return 'Export the function from a module of its own, and pass and return plain data.'
    case 'PLAIT_TIMEOUT':
      return 'If a call may take that long, raise the timeout; if not, look for a loop without an end or a promise that nobody settles.'
    case 'PLAIT_WORKER_DIED':
      return 'Look for process.exit(), a crash or too much memory in the function.'
    case 'PLAIT_INITIALIZER':
      return crosses ? 'The module has to be importable in a worker as well.' : undefined
    default:
      return undefined
  }
}
