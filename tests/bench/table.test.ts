// slow: compiles the benchmarks and runs every peer once
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { median, quantile } from '../../bench/harness/measure.ts'
import type { Row } from '../../bench/harness/row.ts'
import { formatResult, ratioTo, resultOf } from '../../bench/harness/table.ts'

const MEASURED = [
  { subject: 'plait', rounds: [{ all: 10 }, { all: 30 }, { all: 20 }] },
  { subject: 'peer', rounds: [{ all: 20 }, { all: 20 }, { all: 10 }] },
  { subject: 'gone', rounds: [], absent: 'not on PATH' },
]
const ROW: Row = {
  id: 'X1',
  area: 'futures',
  work: 'some work',
  metrics: [{ name: 'all', unit: 'ms' }],
  subjects: [],
  goals: [
    { metric: 'all', peer: 'peer', ratio: 2 },
    { metric: 'all', peer: 'peer', ratio: 1 },
    { metric: 'all', peer: 'gone', ratio: 1 },
  ],
  size: {},
  quickSize: {},
}

describe('benchmark table', () => {
  test('a ratio is the median of the ratios of the rounds, not the ratio of two medians', () => {
    assert.equal(ratioTo('peer', 'all', MEASURED), 1.5)
    assert.equal(ratioTo('gone', 'all', MEASURED), null)
  })

  test('a missed goal and an absent peer are shown', () => {
    const result = resultOf(ROW, MEASURED)
    assert.deepEqual(
      result.goals.map(({ met }) => met),
      [true, false, null],
    )
    const text = formatResult(result)
    assert.match(text, /≤ 2\.00 × peer: met/)
    assert.match(text, /≤ 1\.00 × peer: missed \(1\.50\)/)
    assert.match(text, /gone +absent: not on PATH/)
    assert.match(text, /× gone: not measured/)
  })

  test('the median of an even number is the mean of the middle two, p99 the nearest rank', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5)
    assert.equal(
      quantile(
        Array.from({ length: 100 }, (_, n) => n),
        0.99,
      ),
      99,
    )
  })
})

describe('npm run bench', () => {
  before(() => {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'bench/tsconfig.json'])
  })

  test('--quick runs every row with checked results and writes the figures', { timeout: 170_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'plait-bench-'))
    try {
      const file = join(folder, 'table.json')
      const run = spawnSync(process.execPath, ['.cache/bench/main.js', '--quick', '--json', file], {
        encoding: 'utf8',
        timeout: 160_000,
      })
      assert.equal(run.status, 0, run.stderr)
      const { results } = JSON.parse(readFileSync(file, 'utf8'))
      assert.deepEqual(
        results.map(({ id }: { id: string }) => id),
        ['A1', 'T1', 'T2', 'T4', 'P1'],
      )
      for (const { id, measured, metrics } of results) {
        assert.match(run.stdout, new RegExp(`^${id} `, 'm'))
        const present = measured.filter(({ absent }: { absent?: string }) => absent === undefined)
        assert.ok(present.length >= 2, `${id} has no peer`)
        for (const { subject, rounds } of present) {
          for (const { name } of metrics) assert.ok(rounds[0][name] > 0, `${id}, ${subject}, ${name}`)
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a wrong word and a wrong number of rounds are refused with what would be right', () => {
    const word = spawnSync(process.execPath, ['.cache/bench/main.js', 'nonsense'], { encoding: 'utf8' })
    assert.equal(word.status, 2)
    assert.match(word.stderr, /no row matches nonsense; there are A1, T1/)
    const rounds = spawnSync(process.execPath, ['.cache/bench/main.js', '--rounds', '0'], {
      encoding: 'utf8',
    })
    assert.equal(rounds.status, 2)
    assert.match(rounds.stderr, /--rounds: expected a positive whole number, got 0/)
  })
})
