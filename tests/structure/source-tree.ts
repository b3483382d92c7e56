import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** Sources by path, such as `core/task.ts`; relative to `src`. */
export type SourceTree = ReadonlyMap<string, string>

/** One `import` or `export … from`, static or dynamic. */
export interface Import {
  /** The file that imports, such as `asyncio/run.ts`. */
  readonly from: string
  /** As written: `../core/index.ts`, `node:fs`, `tsx/esm/api`. */
  readonly specifier: string
  /** The file of `src` that is meant; `undefined` for packages and platform modules. */
  readonly target: string | undefined
  readonly kind: 'static' | 'dynamic' | 'type'
}

export function readSourceTree(root: string): SourceTree {
  const names = readdirSync(root, { recursive: true }) as string[]
  return new Map(
    names
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /\.tsx?$/.test(name))
      .sort()
      .map((name) => [name, readFileSync(`${root}/${name}`, 'utf8')]),
  )
}

// Formatted sources only: a static import begins its line. `import type` and `export type` load nothing.
const STATIC = /^(?:import|export)\s+(type\s+)?(?:[\w$*\s,]*(?:\{[^}]*\})?\s*from\s*)?'([^'\n]+)'/gm
const DYNAMIC = /\bimport\(\s*'([^'\n]+)'/g
const COMMENT_LINE = /^\s*(?:\/\/|\/\*|\*).*$/gm

export function importsOf(tree: SourceTree): Import[] {
  const imports: Import[] = []
  for (const [from, source] of tree) {
    const text = source.replace(COMMENT_LINE, '')
    const add = (specifier: string, kind: Import['kind']) => {
      const target = specifier.startsWith('.')
        ? posix.normalize(posix.join(posix.dirname(from), specifier))
        : undefined
      imports.push({ from, specifier, target, kind })
    }
    for (const [, type, specifier] of text.matchAll(STATIC)) add(specifier!, type ? 'type' : 'static')
    for (const [, specifier] of text.matchAll(DYNAMIC)) add(specifier!, 'dynamic')
  }
  return imports
}

/** The folder that a file belongs to as a layer, such as `core`; the file itself at the top: `index.ts`. */
export function layerOf(path: string): string {
  return path.split('/')[0]!
}

/** Lines that are neither empty nor comment. */
export function codeLines(source: string): number {
  return source.split('\n').filter((line) => !/^\s*(?:\/\/|\*|\/\*|$)/.test(line)).length
}
