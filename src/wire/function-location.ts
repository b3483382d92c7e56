// WHAT     Where a function was written: V8's inspector, opened inside this very thread, knows the script,
//          the position and the scopes of every function. No source text is parsed.
// RULES
//   1. `Debugger.enable` reports every script there is (20 to 40 ms) and is switched off again at once: it
//      slows the program while it is on. It is repeated only for a script that is not known yet.
//   2. Every call of the session is answered before `post` returns, so nothing of the program runs between
//      putting the function in reach and taking it away again.
//   3. The session is closed after each look: an open one keeps objects alive.
// WHY NOT  `fn.toString()` and a search: two functions may have the same text. `new Error().stack`: it tells
//          where a function was called, not where it was written.
// CHECKED BY tests/wire/function-reference.test.ts
import type { Runtime, Session } from 'node:inspector'
import { findSourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import { InternalError, NotSupportedError } from '../core/index.ts'
import type { AnyFunction } from './module-exports.ts'

/** What the engine knows of a function. */
export interface FunctionLocation {
  /** URL of its module, as the loader knows it; `undefined` for what the platform or `eval` made. */
  readonly url: string | undefined
  /** `file:line:column` for people, through the source map if there is one; `undefined` without a script. */
  place(): string | undefined
  /** True if it is bound or wrapped in a Proxy: the function behind it is another one. */
  readonly wraps: 'bound' | 'proxy' | undefined
  /** True if it can see nothing but its module and the globals. */
  readonly topLevel: boolean
}

/** Everything else, such as the file name given to `vm.Script`, would be a package or a path to `import()`. */
const MODULE_URL = /^(?:file|data|node|https?):/

const REACH = Symbol.for('plait.reach')
const MODULE_SCOPES = new Set(['Module', 'Script', 'Global'])

const urls = new Map<string, string>()

/** @throws {NotSupportedError} PLAIT_NOT_SUPPORTED if this Node has no inspector or does not allow its use */
export async function locateFunction(fn: AnyFunction): Promise<FunctionLocation> {
  const session = await openSession()
  try {
    return look(session, fn)
  } finally {
    session.disconnect()
  }
}

async function openSession(): Promise<Session> {
  try {
    // Not at the top: a Node built without the inspector could not load the library at all.
    const { Session } = await import('node:inspector')
    const session = new Session()
    session.connect()
    return session
  } catch (cause) {
    throw new NotSupportedError(
      "a function cannot be sent from here: it takes Node's inspector to find where it was written, and this " +
        'Node was built without it or does not allow it (--permission)',
      { cause },
    )
  }
}

function look(session: Session, fn: AnyFunction): FunctionLocation {
  const internals = propertiesOf(session, objectIdOf(session, fn)).internalProperties ?? []
  const internal = (name: string) => internals.find((property) => property.name === name)?.value
  const wraps =
    internal('[[TargetFunction]]') !== undefined
      ? 'bound'
      : internal('[[Target]]') !== undefined
        ? 'proxy'
        : undefined
  const at = internal('[[FunctionLocation]]')?.value as
    | { scriptId: string; lineNumber: number; columnNumber: number }
    | undefined
  const scopes = internal('[[Scopes]]')?.objectId
  const url = at === undefined ? undefined : urlOfScript(session, at.scriptId)
  return {
    url: url !== undefined && MODULE_URL.test(url) ? url : undefined,
    place: () =>
      at === undefined || url === undefined ? undefined : placeOf(url, at.lineNumber, at.columnNumber),
    wraps,
    topLevel: scopes !== undefined && seesOnlyItsModule(session, scopes),
  }
}

/** Rule 2. */
function objectIdOf(session: Session, fn: AnyFunction): string {
  const reach = globalThis as Record<symbol, unknown>
  reach[REACH] = fn
  try {
    const { result } = ask<Runtime.EvaluateReturnType>(session, 'Runtime.evaluate', {
      expression: `globalThis[Symbol.for(${JSON.stringify(REACH.description)})]`,
    })
    if (result.objectId === undefined)
      throw new InternalError(`the inspector gave no handle of function ${fn.name}`)
    return result.objectId
  } finally {
    delete reach[REACH]
  }
}

function propertiesOf(session: Session, objectId: string): Runtime.GetPropertiesReturnType {
  return ask(session, 'Runtime.getProperties', { objectId, ownProperties: true })
}

function seesOnlyItsModule(session: Session, scopes: string): boolean {
  return propertiesOf(session, scopes).result.every(
    ({ value }) => value?.description === undefined || MODULE_SCOPES.has(value.description),
  )
}

/** Rule 1. */
function urlOfScript(session: Session, scriptId: string): string | undefined {
  const known = urls.get(scriptId)
  if (known !== undefined) return known === '' ? undefined : known
  session.on('Debugger.scriptParsed', ({ params }) => {
    // A `sourceURL` comment, which type stripping adds, hides the name under which the loader knows the
    // script; `embedderName`, which @types/node does not have, is always that name.
    const { embedderName } = params as { embedderName?: string }
    urls.set(params.scriptId, params.hasSourceURL === true ? (embedderName ?? params.url) : params.url)
  })
  ask(session, 'Debugger.enable')
  ask(session, 'Debugger.disable')
  // Scripts made by `eval` may not be reported: remembered as well, so that nobody looks twice.
  if (!urls.has(scriptId)) urls.set(scriptId, '')
  return urls.get(scriptId) || undefined
}

function placeOf(url: string, line: number, column: number): string {
  let place = `${url}:${line + 1}:${column + 1}`
  if (url.startsWith('file:')) place = `${fileURLToPath(url)}:${line + 1}:${column + 1}`
  const entry = findSourceMap(url.startsWith('file:') ? fileURLToPath(url) : url)?.findEntry(line, column)
  if (entry === undefined || !('originalLine' in entry)) return place
  const source = entry.originalSource.startsWith('file:')
    ? fileURLToPath(entry.originalSource)
    : entry.originalSource
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
}

/** One request; the inspector of the own thread answers before `post` returns. */
function ask<T>(session: Session, method: string, params?: object): T {
  let answer: { error: Error | null; result: T | undefined } | undefined
  session.post(method, params, (error, result) => {
    answer = { error, result: result as T | undefined }
  })
  if (answer === undefined || answer.error !== null || answer.result === undefined) {
    throw new InternalError(`the inspector did not answer ${method}`, { cause: answer?.error })
  }
  return answer.result
}
