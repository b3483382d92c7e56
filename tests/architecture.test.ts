// Holds the arrows of the design: who may import whom. The allow-list is the map, src/README.md.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type MapRow, readMap } from './structure/source-map.ts'
import {
  codeLines,
  type Import,
  importsOf,
  layerOf,
  readSourceTree,
  type SourceTree,
} from './structure/source-tree.ts'

const tree = readSourceTree('src')
const map = readMap('src/README.md')

/** A rule gives one line per violation. */
type Rule = (tree: SourceTree, map: readonly MapRow[]) => string[]

/** What no edit of the map can allow. `all` stands for every layer below `futures`. */
const NEVER: readonly (readonly [from: string, to: string])[] = [
  ['threading', 'multiprocessing'],
  ['multiprocessing', 'threading'],
]
/** Only the command line and the tests look at these from outside; nothing that a program runs on does. */
const SIDE_ROOMS = ['cli', 'choose', 'observe', 'testing']
/** Loaded by every program that uses plait: nothing from npm, so nothing to audit and nothing to break. */
const WITHOUT_PACKAGES = [
  'core',
  'sync',
  'asyncio',
  'memory',
  'wire',
  'workers',
  'threading',
  'multiprocessing',
  'futures',
]
/** Names of kinds, not of concepts. */
const FORBIDDEN_FOLDERS = [
  'utils',
  'util',
  'helpers',
  'common',
  'types',
  'interfaces',
  'lib',
  'misc',
  'shared',
]
const MAX_CODE_LINES = 400

const rules: Record<string, Rule> = {
  'a layer imports only the layers that the map allows it': (tree, map) =>
    acrossLayers(tree).flatMap(({ from, target }) => {
      const row = roomOf(from, map)
      return row?.mayImport.includes(layerOf(target!)) ? [] : [`${from} imports ${target}`]
    }),

  'the layers that the map allows have no cycle': (_, map) =>
    cyclesOf(
      new Map(map.filter((row) => !row.room.includes('/')).map((row) => [row.room, [...row.mayImport]])),
    ),

  'threading and multiprocessing never import each other': (tree, map) => [
    ...acrossLayers(tree)
      .filter(({ from, target }) => NEVER.some(([a, b]) => layerOf(from) === a && layerOf(target!) === b))
      .map(({ from, target }) => `${from} imports ${target}`),
    ...map
      .filter((row) => NEVER.some(([a, b]) => row.room === a && row.mayImport.includes(b)))
      .map((row) => `the map allows ${row.room} what it must never import`),
  ],

  'nothing below imports a side room': (tree) =>
    acrossLayers(tree)
      .filter(
        ({ from, target }) => SIDE_ROOMS.includes(layerOf(target!)) && !SIDE_ROOMS.includes(layerOf(from)),
      )
      .map(({ from, target }) => `${from} imports ${target}`),

  'another layer is imported only through its index.ts': (tree) =>
    acrossLayers(tree)
      .filter(({ target }) => target!.includes('/') && target !== `${layerOf(target!)}/index.ts`)
      .map(({ from, target }) => `${from} imports ${target}`),

  'inside a layer the file is imported, not the index': (tree) =>
    insideSource(tree)
      .filter(
        ({ from, target }) => layerOf(from) === layerOf(target!) && target === `${layerOf(from)}/index.ts`,
      )
      .map(({ from, target }) => `${from} imports ${target}`),

  'what runs inside a worker is not imported by what runs beside it': (tree) =>
    insideSource(tree)
      .filter(({ target }) => target!.split('/').includes('entry'))
      .filter(({ from }) => !from.split('/').includes('entry') && from !== `${layerOf(from)}/index.ts`)
      .map(({ from, target }) => `${from} imports ${target}`),

  'every relative import names a file that exists': (tree) =>
    insideSource(tree)
      .filter(({ target }) => !tree.has(target!))
      .map(({ from, specifier }) => `${from} imports ${specifier}`),

  'no cycle of files at run time': (tree) => {
    const edges = new Map<string, string[]>([...tree.keys()].map((file) => [file, []]))
    for (const { from, target, kind } of insideSource(tree))
      if (kind === 'static') edges.get(from)!.push(target!)
    return cyclesOf(edges)
  },

  'packages from npm only where the map names them': (tree, map) =>
    importsOf(tree)
      .filter(
        ({ specifier, kind }) =>
          kind !== 'type' && !specifier.startsWith('.') && !specifier.startsWith('node:'),
      )
      .filter(({ from, specifier }) => {
        const row = roomOf(from, map)
        return !row?.packages.includes(packageOf(specifier))
      })
      .map(({ from, specifier }) => `${from} imports ${specifier}`),

  'what every program loads needs no package': (tree, map) => [
    ...importsOf(tree)
      .filter(({ from, kind }) => WITHOUT_PACKAGES.includes(layerOf(from)) && kind === 'static')
      .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .map(({ from, specifier }) => `${from} imports ${specifier}`),
    // `wire` may try an optional one, when a program asks for TypeScript in workers and Node cannot do it.
    ...map
      .filter((row) => WITHOUT_PACKAGES.includes(row.room) && row.room !== 'wire' && row.packages.length > 0)
      .map((row) => `the map allows ${row.room} ${row.packages.join(', ')}`),
  ],

  'an index.ts only lists names': (tree) =>
    [...tree]
      .filter(([file]) => /(^|\/)index\.ts$/.test(file))
      .filter(([, source]) => {
        const rest = source
          .replace(/\/\*[\s\S]*?\*\//g, '')
          .replace(/^\s*\/\/.*$/gm, '')
          .replace(/^export (?:type )?(?:\{[^}]*\}|\* as \w+) from '[^'\n]+'$/gm, '')
        return rest.trim() !== ''
      })
      .map(([file]) => `${file} holds more than names`),

  'no file is two concepts long': (tree) =>
    [...tree]
      .filter(([, source]) => codeLines(source) > MAX_CODE_LINES)
      .map(([file, source]) => `${file}: ${codeLines(source)} lines of code`),

  'a file is named in kebab-case and a folder after a concept': (tree) =>
    [...tree.keys()].flatMap((file) => {
      const folders = file.split('/').slice(0, -1)
      const name = file.split('/').at(-1)!
      return [
        ...(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?\.tsx?$/.test(name) ? [] : [`${file}: not kebab-case`]),
        ...folders
          .filter((folder) => FORBIDDEN_FOLDERS.includes(folder))
          .map((folder) => `${file}: in ${folder}/`),
      ]
    }),
}

describe('architecture', () => {
  for (const [name, rule] of Object.entries(rules)) {
    test(name, () => assert.deepEqual(rule(tree, map), []))
  }

  test('every rule finds the tree that breaks it', () => {
    const found = Object.fromEntries(
      Object.entries(rules).map(([name, rule]) => {
        const broken = BROKEN[name]
        assert.ok(broken, `no broken tree for: ${name}`)
        return [name, rule(new Map(Object.entries(broken.files)), broken.map ?? BROKEN_MAP).length]
      }),
    )
    assert.deepEqual(
      found,
      Object.fromEntries(Object.keys(rules).map((name) => [name, BROKEN[name]!.violations])),
    )
  })
})

/** The row of the innermost folder that has one. */
function roomOf(file: string, map: readonly MapRow[]): MapRow | undefined {
  const around = map.filter((row) => file === row.room || file.startsWith(`${row.room}/`))
  return around.sort((a, b) => b.room.length - a.room.length)[0]
}

function insideSource(tree: SourceTree): Import[] {
  return importsOf(tree).filter(({ target }) => target !== undefined)
}

function acrossLayers(tree: SourceTree): Import[] {
  return insideSource(tree).filter(({ from, target }) => layerOf(from) !== layerOf(target!))
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Each cycle once, as `a → b → a`, found by depth-first search. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const finished = new Set<string>()
  const visit = (node: string, path: readonly string[]) => {
    if (path.includes(node)) {
      cycles.push([...path.slice(path.indexOf(node)), node].join(' → '))
      return
    }
    if (finished.has(node)) return
    for (const next of edges.get(node) ?? []) visit(next, [...path, node])
    finished.add(node)
  }
  for (const node of edges.keys()) visit(node, [])
  return cycles
}

function row(room: string, mayImport: string[] = [], packages: string[] = []): MapRow {
  return { room, what: '', mayImport, packages, hardFile: '', tests: [] }
}

const BROKEN_MAP = [row('core'), row('asyncio', ['core']), row('cli', ['choose'], ['open'])]

/** For each rule, a tree with known violations among things that are allowed. */
const BROKEN: Record<string, { files: Record<string, string>; map?: MapRow[]; violations: number }> = {
  'a layer imports only the layers that the map allows it': {
    files: {
      'core/a.ts': "import { b } from '../asyncio/index.ts'",
      'core/c.ts': "import type {\n  b,\n} from '../asyncio/index.ts'",
      'core/d.ts': "export { b } from '../asyncio/index.ts'",
      'core/e.ts': "const b = await import('../asyncio/index.ts')",
      'asyncio/index.ts': "import { a } from '../core/index.ts'",
      'asyncio/a.ts': "// import { a } from '../cli/index.ts'",
    },
    violations: 4,
  },
  'the layers that the map allows have no cycle': {
    files: {},
    map: [row('core', ['asyncio']), row('asyncio', ['core'])],
    violations: 1,
  },
  'threading and multiprocessing never import each other': {
    files: { 'threading/a.ts': "import type { b } from '../multiprocessing/index.ts'" },
    map: [row('threading', ['multiprocessing']), row('multiprocessing', ['core'])],
    violations: 2,
  },
  'nothing below imports a side room': {
    files: {
      'futures/a.ts': "import { b } from '../choose/index.ts'",
      'cli/a.ts': "import { b } from '../choose/index.ts'",
    },
    violations: 1,
  },
  'another layer is imported only through its index.ts': {
    files: { 'asyncio/a.ts': "import { b } from '../core/task.ts'\nimport { c } from '../core/index.ts'" },
    violations: 1,
  },
  'inside a layer the file is imported, not the index': {
    files: { 'core/a.ts': "import { b } from './index.ts'\nimport { c } from './c.ts'" },
    violations: 1,
  },
  'what runs inside a worker is not imported by what runs beside it': {
    files: {
      'workers/pool.ts': "import { a } from './entry/a.ts'",
      'workers/index.ts': "export { a } from './entry/a.ts'",
      'workers/entry/b.ts': "import { a } from './a.ts'",
    },
    violations: 1,
  },
  'every relative import names a file that exists': {
    files: { 'core/a.ts': "import { b } from './b.ts'\nimport './c.ts'", 'core/c.ts': '' },
    violations: 1,
  },
  'no cycle of files at run time': {
    files: {
      'core/a.ts': "import { b } from './b.ts'",
      'core/b.ts': "import { c } from './c.ts'",
      'core/c.ts': "import { a } from './a.ts'\nimport type { b } from './b.ts'",
      'core/d.ts': "import type { e } from './e.ts'",
      'core/e.ts': "import { d } from './d.ts'",
    },
    violations: 1,
  },
  'packages from npm only where the map names them': {
    files: {
      'cli/a.ts': "import open from 'open'\nimport { b } from '@scope/name/part'\nimport fs from 'node:fs'",
      'cli/page/a.ts': "import open from 'open'",
      'core/a.ts': "import type { b } from 'open'",
    },
    map: [...BROKEN_MAP, row('cli/page')],
    violations: 2,
  },
  'what every program loads needs no package': {
    files: { 'futures/a.ts': "import fs from 'fs'", 'wire/a.ts': "await import('tsx/esm/api')" },
    map: [row('wire', [], ['tsx']), row('core', [], ['tsx'])],
    violations: 2,
  },
  'an index.ts only lists names': {
    files: {
      'core/index.ts': "// A list.\nexport { a } from './a.ts'\nexport type {\n  B,\n} from './b.ts'",
      'index.ts': "export * as asyncio from './asyncio/index.ts'",
      'asyncio/index.ts': "export * from './a.ts'",
      'wire/index.ts': 'export const a = 1',
    },
    violations: 2,
  },
  'no file is two concepts long': {
    files: {
      'core/a.ts': 'a()\n'.repeat(401),
      'core/b.ts': `${'a()\n'.repeat(400)}${'// why\n\n'.repeat(100)}`,
    },
    violations: 1,
  },
  'a file is named in kebab-case and a folder after a concept': {
    files: { 'core/TaskGroup.ts': '', 'core/utils/a.ts': '', 'core/task-group.ts': '' },
    violations: 2,
  },
}
