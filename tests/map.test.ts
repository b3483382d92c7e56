// Holds src/README.md to the folders: the map that a newcomer reads is never out of date.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { readMap } from './structure/source-map.ts'

const map = readMap('src/README.md')

/** Folders, and files at the top of `src`, in the map's words. */
function rooms(): string[] {
  return readdirSync('src', { recursive: true, withFileTypes: true })
    .map((entry) => ({
      entry,
      path: `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/').slice('src/'.length),
    }))
    .filter(({ entry, path }) => entry.isDirectory() || (!path.includes('/') && path.endsWith('.ts')))
    .filter(({ entry, path }) => !entry.isDirectory() || readdirSync(`src/${path}`).length > 0)
    .map(({ path }) => path)
    .sort()
}

describe('map', () => {
  test('every room of src has its row, and every row its room', () => {
    assert.deepEqual(map.map((row) => row.room).sort(), rooms())
  })

  test('no room has two rows, and none is without a word on what it is', () => {
    assert.equal(new Set(map.map((row) => row.room)).size, map.length)
    assert.deepEqual(
      map.filter((row) => row.what.length < 10).map((row) => row.room),
      [],
    )
  })

  test('every hard file exists', () => {
    const missing = map.filter((row) => row.hardFile !== '' && !existsSync(`src/${row.room}/${row.hardFile}`))
    assert.deepEqual(
      missing.map((row) => `${row.room}/${row.hardFile}`),
      [],
    )
  })

  test('every room names its tests, and they exist', () => {
    const problems = map.flatMap((row) => {
      if (row.tests.length === 0) return [`${row.room}: no tests`]
      return row.tests.filter((path) => !existsSync(path)).map((path) => `${row.room}: ${path} is missing`)
    })
    assert.deepEqual(problems, [])
  })
})
