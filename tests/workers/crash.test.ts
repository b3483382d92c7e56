// Ways for a worker to die, and what is left of the pool afterwards: everything.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { WorkerDiedError } from 'plait/futures'
import { pools } from '../futures/executors.ts'
import * as fn from '../futures/functions.js'
import { all, failureOf, newFile, test, until } from '../futures/helpers.ts'

for (const [name, make] of Object.entries(pools)) {
  describe(name, () => {
    describe('a worker that dies', () => {
      test('by process.exit() fails its task only, and is replaced', async () => {
        await using pool = make({ maxWorkers: 1 })
        const futures = [
          pool.submit(fn.add, 1, 1),
          pool.submit(fn.exitWith, 1, 5, 1),
          pool.submit(fn.add, 2, 2),
        ]
        const error = await failureOf(futures[1]!)
        assert.ok(error instanceof WorkerDiedError)
        assert.deepEqual([error.exitCode, error.signal], [5, null])
        assert.match(error.message, /exitWith.*exit code 5/)
        assert.deepEqual([await futures[0], await futures[2]], [2, 4])
        assert.equal(pool.stats().died, 1)
      })

      test('by exit status 0 fails its task as well', async () => {
        await using pool = make({ maxWorkers: 1 })
        assert.equal((await failureOf(pool.submit(fn.exitWith, 1, 0, 1))).exitCode, 0)
      })

      test('by an error outside of its task names it as the cause', async () => {
        await using pool = make({ maxWorkers: 1 })
        for (const [work, amount] of [
          [fn.throwFromTimer, 5],
          [fn.rejectUnhandled, 6],
        ] as const) {
          const error = await failureOf(pool.submit(work))
          assert.ok(error instanceof WorkerDiedError)
          assert.ok(error.cause instanceof fn.PaymentError)
          assert.equal((error.cause as fn.PaymentError).amount, amount)
        }
        assert.equal(await pool.submit(fn.add, 1, 1), 2)
      })

      test('in the middle of a map fails one item of a thousand', async () => {
        await using pool = make({ maxWorkers: 2 })
        for (const chunksize of ['auto', 1, 64] as const) {
          const seen = await all(
            pool.map(
              fn.exitAt500,
              Array.from({ length: 1000 }, (_, i) => i),
              { chunksize },
            ),
          )
          assert.equal(seen.length, 1000)
          assert.equal(seen.filter((item, i) => item === i).length, 999)
          assert.ok(seen[500] instanceof WorkerDiedError)
          assert.equal(seen[500].exitCode, 3)
        }
      })

      test('is tried again if the task asked for it', async () => {
        await using pool = make({ maxWorkers: 1 })
        const patient = pool.with({ retries: { times: 1, on: ['death'] } })
        assert.equal(await patient.submit(fn.dieOnce, newFile()), 'second attempt')
        assert.deepEqual(await all(patient.map(fn.dieOnce, [newFile(), newFile()], { chunksize: 2 })), [
          'second attempt',
          'second attempt',
        ])
        const eager = pool.with({ retries: { times: 1, on: ['error'] } })
        assert.ok((await failureOf(eager.submit(fn.dieOnce, newFile()))) instanceof WorkerDiedError)
      })

      test('of an error while it is idle is told of by a warning', async () => {
        await using pool = make({ maxWorkers: 1 })
        const warnings: Error[] = []
        process.once('warning', (warning) => warnings.push(warning))
        await pool.submit(fn.throwWhenIdle)
        await until(() => warnings.length > 0) // an idle pool would let the program end
        const [error] = warnings
        assert.ok(error instanceof WorkerDiedError)
        assert.ok(error.cause instanceof fn.PaymentError)
        assert.equal(await pool.submit(fn.add, 1, 1), 2)
        assert.equal(pool.stats().died, 1)
      })

      test('again and again leaves the pool as it was', async () => {
        await using pool = make({ maxWorkers: 2 })
        for (let round = 0; round < 5; round++) {
          const futures = [1, 2, 3, 4].map((n) => pool.submit(fn.exitWith, n, 1, n % 2))
          const states = (await Promise.allSettled(futures)).map((result) => result.status)
          assert.deepEqual(states, ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
        }
        assert.equal(pool.stats().died, 5)
      })
    })
  })
}
