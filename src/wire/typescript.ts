// WHAT     Makes this thread able to import TypeScript when the platform is not.
// RULES
//   1. Node that strips types itself (22.18 and newer) needs nothing, but for `.tsx`.
//   2. Otherwise the optional dependency `tsx` is registered, once per thread, when first needed. It has to
//      be before the first import: Node 20 remembers a file it refused.
//   3. A program started with `--import tsx` has it in its processes already; on Node before 22.15 not in its
//      threads, where a module in JavaScript may still import one in TypeScript.
//   4. Both loaders of tsx are registered: a TypeScript file may be CommonJS, by its package.
import { isMainThread } from 'node:worker_threads'
import { NotSupportedError } from '../core/index.ts'

const TYPESCRIPT = /\.[cm]?ts$/
const JSX = /\.[jt]sx$/
const STARTED_WITH_TSX = /(?:^|[=\s/\\])tsx(?:$|[\s/\\])/

let loading: Promise<void> | undefined

/**
 * To be awaited before the module is imported; `undefined` if nothing is to be done.
 *
 * @throws {NotSupportedError} PLAIT_NOT_SUPPORTED if this Node cannot and `tsx` is not installed
 */
export function prepareTypeScript(url: string): Promise<void> | undefined {
  if (!isNeededFor(url)) return undefined
  loading ??= loadTsx(url)
  return loading
}

function isNeededFor(url: string): boolean {
  const path = url.replace(/[?#].*$/s, '')
  const platform = (process.features as { typescript?: string | false }).typescript
  const started = startedWithTsx()
  if (JSX.test(path)) return !(started && (isMainThread || platform))
  if (platform) return false
  return started ? !isMainThread : TYPESCRIPT.test(path)
}

function startedWithTsx(): boolean {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((arg) => STARTED_WITH_TSX.test(arg))
}

async function loadTsx(url: string): Promise<void> {
  try {
    const [commonjs, esm] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')])
    commonjs.register()
    esm.register()
  } catch (cause) {
    throw new NotSupportedError(
      `${url} cannot be imported here: Node ${process.version} does not load it by itself and the package tsx ` +
        'could not be loaded. Install tsx, or use Node 22.18 or newer',
      { cause },
    )
  }
}
