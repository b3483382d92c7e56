// The benchmark table: `npm run bench [-- WORD …] [--json FILE] [--rounds N] [--quick]`.
//   WORD      only rows whose area, id or work contains it: `npm run bench -- asyncio`, `-- t1`
//   --json    also writes every round's figures to FILE
//   --quick   one round of tiny work, to see that it runs; the figures mean nothing
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { measureRow } from './harness/measure.ts'
import { formatResult, type Result, resultOf } from './harness/table.ts'
import { rows } from './rows.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
  },
})
const rounds = values.quick ? 1 : Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`--rounds: expected a positive whole number, got ${values.rounds}`)
  process.exit(2)
}
const words = positionals.map((word) => word.toLowerCase())
const chosen = rows.filter(
  ({ id, area, work }) =>
    words.length === 0 || words.some((word) => `${area} ${id} ${work}`.toLowerCase().includes(word)),
)
if (chosen.length === 0) {
  console.error(`no row matches ${words.join(' ')}; there are ${rows.map(({ id }) => id).join(', ')}`)
  process.exit(2)
}

const machine = {
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  date: new Date().toISOString().slice(0, 10),
  rounds,
  quick: values.quick,
}
console.log(
  `Node ${machine.node}, ${machine.cores} × ${machine.cpu}, ${machine.platform}, ${machine.date}, ` +
    `median of ${rounds} round${rounds === 1 ? '' : 's'}${values.quick ? ', tiny work: these figures mean nothing' : ''}`,
)
if (loadavg()[0]! > machine.cores / 2) {
  console.log(`the machine is busy with other work (load ${loadavg()[0]!.toFixed(1)}): the figures will vary`)
}
console.log('Times: smaller is better. "plait ÷ it" below 1: plait is faster.\n')

const results: Result[] = []
for (const row of chosen) {
  const result = resultOf(
    values.quick ? { ...row, goals: [] } : row,
    await measureRow(row, rounds, values.quick),
  )
  results.push(result)
  console.log(`${formatResult(result)}\n`)
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
