// WHAT     Finding a function among the exports of a module, and an export by its name.
// RULES
//   1. Named exports come first, then `default`, then the properties of `default`: CommonJS modules have
//      their exports there, and how many of them also count as named differs between loaders. So an export
//      of a CommonJS module is looked up both ways.
//   2. Reading an export may throw (a binding that is not initialised yet, a getter): then it is not the one.

/** Any function, whatever it takes. */
export type AnyFunction = (...args: never[]) => unknown

/** A function that came out of a module, to be called with whatever arguments came for it. */
export type TaskFunction = (...args: unknown[]) => unknown

/** What `import()` gives. */
export type ModuleExports = Readonly<Record<string, unknown>>

const DEFAULT = 'default.'

/** The name under which the module exports exactly this function; `undefined` if it does not. */
export function exportNameOf(exports: ModuleExports, fn: AnyFunction): string | undefined {
  for (const [name, value] of functionsOf(exports)) {
    if (value === fn) return name
  }
  return undefined
}

/** The function of that name; `undefined` if there is none. */
export function exportedFunction(exports: ModuleExports, name: string): TaskFunction | undefined {
  const plain = name.startsWith(DEFAULT) ? name.slice(DEFAULT.length) : name
  for (const value of [read(exports, name), read(defaultOf(exports), plain), read(exports, plain)]) {
    if (typeof value === 'function') return value as TaskFunction
  }
  return undefined
}

/** Every exported function, once for each name it has. */
export function* functionsOf(exports: ModuleExports): Generator<[name: string, fn: TaskFunction]> {
  const names = Object.keys(exports)
  // `module.exports`, which newer Node adds, is `default` again.
  for (const name of names
    .filter((name) => name !== 'default' && name !== 'module.exports')
    .concat('default')) {
    const value = read(exports, name)
    if (typeof value === 'function') yield [name, value as TaskFunction]
  }
  const inner = defaultOf(exports)
  for (const name of Object.keys(inner)) {
    const value = read(inner, name)
    if (typeof value === 'function') yield [DEFAULT + name, value as TaskFunction]
  }
}

function defaultOf(exports: ModuleExports): ModuleExports {
  const value = read(exports, 'default')
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? (value as ModuleExports)
    : {}
}

function read(from: ModuleExports, name: string): unknown {
  try {
    return Object.hasOwn(from, name) ? from[name] : undefined
  } catch {
    return undefined // rule 2
  }
}
