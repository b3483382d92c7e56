// Holds package.json's entries to what is built, and the reference to what is exported.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { describe, test } from 'node:test'

interface Manifest {
  name: string
  main: string
  types: string
  bin: Record<string, string>
  exports: Record<string, string | { types: string; default: string }>
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const entries = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [{ path, specifier: manifest.name + path.slice(1), ...target }],
)

/** Pages that may describe a name. */
const reference = ['README.md', ...readdirSync('docs/reference').map((name) => `docs/reference/${name}`)]
  .filter((path) => path.endsWith('.md'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n')

/** Names that a declaration file exports; the entries are lists of names, so a pattern is enough. */
function declaredNames(types: string): string[] {
  const text = readFileSync(types, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const listed = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => list!.split(','))
  const areas = [...text.matchAll(/export \* as (\w+)/g)].map(([, name]) => name!)
  const names = listed.map((item) => item.trim().split(/\s+/).at(-1)!).filter((name) => name !== '')
  return [...names, ...areas].sort()
}

/** Names without a mention as code, such as `gather`, `run(…)` or in a block of code. */
function undocumented(names: readonly string[], pages: string): string[] {
  const code = [...pages.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([block]) => block).join('\n')
  const words = new Set(code.match(/[\w$]+/g))
  return names.filter((name) => !words.has(name))
}

describe('exports', () => {
  for (const { path, specifier, types, default: file } of entries) {
    test(`${specifier} can be imported and has types`, async () => {
      assert.ok(existsSync(file), `${path}: ${file} is not built`)
      assert.ok(existsSync(types), `${path}: ${types} is not built`)
      const names = Object.keys(await import(specifier))
      assert.ok(names.length > 0, 'exports nothing')
      assert.ok(!names.includes('default'), 'has a default export')
      const declared = declaredNames(types)
      assert.deepEqual(
        names.filter((name) => !declared.includes(name)),
        [],
        'exported without types',
      )
    })

    test(`every name of ${specifier} stands in the reference or the README`, () => {
      assert.deepEqual(undocumented(declaredNames(types), reference), [])
    })
  }

  test('the types of every entry hold together for users who check those of libraries', () => {
    const options = ['--ignoreConfig', '--noEmit', '--skipLibCheck', 'false', '--strict']
    const target = ['--target', 'es2022', '--module', 'nodenext', '--types', 'node']
    const checked = spawnSync(
      process.execPath,
      ['node_modules/typescript/bin/tsc', ...options, ...target, ...entries.map(({ types }) => types)],
      { encoding: 'utf8', timeout: 60_000 },
    )
    assert.equal(checked.stdout, '')
    assert.equal(checked.status, 0)
  })

  test('a name that stands nowhere is found', () => {
    assert.deepEqual(
      undocumented(['run', 'gather', 'nowhere'], 'use `run(main)`, not nowhere\n```ts\ngather()\n```'),
      ['nowhere'],
    )
  })

  test('main and types are those of the first entry', () => {
    const first = entries.find(({ path }) => path === '.')!
    assert.equal(manifest.main, first.default)
    assert.equal(manifest.types, first.types)
  })

  test('every command is built, executable and starts with node', () => {
    for (const file of Object.values(manifest.bin)) {
      assert.match(readFileSync(file, 'utf8'), /^#!\/usr\/bin\/env node\n/)
      assert.notEqual(statSync(file).mode & 0o100, 0, `${file} is not executable`)
    }
  })

  test('the package holds what is built and its sources, and nothing of the tests', () => {
    const output = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [packed] = JSON.parse(output) as [{ files: { path: string }[] }]
    const paths = packed.files.map(({ path }) => path)
    const wanted = [
      ...entries.flatMap(({ types, default: file }) => [types, file]),
      ...Object.values(manifest.bin),
    ]
    assert.deepEqual(
      wanted.map((path) => path.replace(/^\.\//, '')).filter((path) => !paths.includes(path)),
      [],
    )
    assert.deepEqual(
      paths.filter((path) => /^(tests|bench|examples|docs|scripts|\.ci)\//.test(path)),
      [],
    )
  })

  test('the table of error codes is the error tree', async () => {
    const classes = Object.entries(await import('plait/errors')).filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof Error,
    ) as [string, { prototype: { code: string; name: string } }][]
    const page = readFileSync('docs/reference/errors.md', 'utf8')
    const rows = [...page.matchAll(/^\| `(\w+)` +\| `(PLAIT_\w+)` +\|/gm)].map(
      ([, name, code]) => `${name} ${code}`,
    )
    assert.deepEqual(rows.sort(), classes.map(([name, { prototype }]) => `${name} ${prototype.code}`).sort())
    for (const [name, { prototype }] of classes) assert.equal(prototype.name, name)
  })
})
