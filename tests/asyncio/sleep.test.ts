import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { type Awaitable, checkpoint, createTask, gather, run, sleep, type Task } from 'plait/asyncio'
import { caught } from './caught.ts'
import { holds } from './holds.ts'

/** Keeps the thread busy, so that several deadlines pass in one turn. */
function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('sleep', { timeout: 30_000 }, () => {
  test('gives back its value', () =>
    run(async () => {
      const value = { any: 'thing' }
      assert.equal(await sleep(1, value), value)
      assert.equal(await sleep(0, value), value)
      assert.equal(await sleep(1), undefined)
    }))

  test('understands every way to write a duration', () =>
    run(async () => {
      await gather(
        sleep(1),
        sleep(0.5),
        sleep('1ms'),
        sleep('0.001s'),
        sleep('0.00001m'),
        sleep('0.0000001h'),
        sleep('0s'),
        sleep(-5),
        sleep('-5s'),
        sleep(-Infinity),
      )
    }))

  test('refuses what is no duration, naming the value', () =>
    run(async () => {
      const nan = await caught(() => sleep(Number.NaN))
      holds(nan instanceof RangeError)
      assert.equal((nan as any).code, 'PLAIT_INVALID_ARGUMENT')
      assert.match(nan.message, /NaN/)
      for (const wrong of ['', '5', 's', '1 s', '1d', 'soon', '1s2s', 'NaNms', null, undefined, {}, [], 5n]) {
        const error = await caught(() => sleep(wrong as never))
        holds(error instanceof TypeError, String(wrong))
        assert.equal((error as any).code, 'PLAIT_INVALID_ARGUMENT')
      }
    }))

  test('0 is exactly one turn to the others, for every way to write tasks and turns', () =>
    run(async () => {
      const log: string[] = []
      const turns: [string, () => Awaitable<unknown>][] = [
        ['sleep(0)', () => sleep(0)],
        ['sleep(-1)', () => sleep(-1)],
        ['checkpoint', () => checkpoint()],
      ]
      const tasks: Task<void>[] = []
      for (const [name, turn] of turns) {
        tasks.push(
          createTask(async () => {
            for (let i = 0; i < 4; i++) {
              log.push(`async ${name} ${i}`)
              await turn()
            }
          }),
          createTask(function* () {
            for (let i = 0; i < 4; i++) {
              log.push(`fiber ${name} ${i}`)
              yield* turn()
            }
          }),
        )
      }
      await gather(tasks)
      // Everybody has one turn in every round, and those of one notation keep their order.
      const rounds = [0, 1, 2, 3].map((i) => log.slice(i * tasks.length, (i + 1) * tasks.length))
      for (const [i, round] of rounds.entries()) {
        for (const notation of ['async', 'fiber']) {
          assert.deepEqual(
            round.filter((entry) => entry.startsWith(notation)),
            turns.map(([name]) => `${notation} ${name} ${i}`),
          )
        }
      }
    }))

  test('shorter ones end before longer ones, whatever the order of creation', () =>
    run(async () => {
      const log: number[] = []
      await gather(
        [80, 20, 50, 1].map((ms) => async () => {
          await sleep(ms)
          log.push(ms)
        }),
      )
      assert.deepEqual(log, [1, 20, 50, 80])
    }))

  test('equal ones end in the order in which they began', () =>
    run(async () => {
      for (const notation of ['async', 'fiber']) {
        const log: number[] = []
        await gather(
          Array.from({ length: 50 }, (_, i) =>
            notation === 'async'
              ? async () => {
                  await sleep(10)
                  log.push(i)
                }
              : function* () {
                  yield* sleep(10)
                  log.push(i)
                },
          ),
        )
        assert.deepEqual(
          log,
          Array.from({ length: 50 }, (_, i) => i),
          notation,
        )
      }
    }))

  test('deadlines that passed while the thread was blocked are served in their order', () =>
    run(async () => {
      const log: string[] = []
      const tasks = [60, 40, 20, 5].map((ms) =>
        createTask(async () => {
          await sleep(ms)
          log.push(`${ms}`)
        }),
      )
      await checkpoint()
      block(90)
      await gather(tasks)
      assert.deepEqual(log, ['5', '20', '40', '60'])
    }))

  test('very long ones do not end at once', () =>
    run(async () => {
      const warnings: Error[] = []
      const listen = (warning: Error) => warnings.push(warning)
      process.on('warning', listen)
      const tasks = [Infinity, Number.MAX_VALUE, 2 ** 31, 2 ** 32 + 1, '1000000h' as const].map((delay) =>
        createTask(() => sleep(delay)),
      )
      await sleep(30)
      assert.deepEqual(
        tasks.map((task) => task.done()),
        [false, false, false, false, false],
      )
      for (const task of tasks) task.cancel()
      await gather(tasks, { returnExceptions: true })
      assert.deepEqual(
        tasks.map((task) => task.cancelled()),
        [true, true, true, true, true],
      )
      process.off('warning', listen)
      assert.deepEqual(warnings, [])
    }))

  test('twenty thousand at once all end', () =>
    run(async () => {
      const values = await gather(Array.from({ length: 20_000 }, (_, i) => () => sleep((i * 7) % 13, i)))
      assert.equal(values.length, 20_000)
      assert.equal(values[19_999], 19_999)
    }))

  test('works with the combinators of Promise', () =>
    run(async () => {
      assert.deepEqual(await Promise.all([sleep(2, 'a'), sleep(1, 'b')]), ['a', 'b'])
      assert.equal(await Promise.race([sleep(1, 'fast'), sleep(500, 'slow')]), 'fast')
    }))
})

describe('endless turns', { timeout: 30_000 }, () => {
  const loops: [string, () => Task<void>][] = [
    [
      'sleep(0) in an async task',
      () =>
        createTask(async () => {
          while (true) await sleep(0)
        }),
    ],
    [
      'sleep(0) in a fiber',
      () =>
        createTask(function* () {
          while (true) yield* sleep(0)
        }),
    ],
    [
      'checkpoint() in an async task',
      () =>
        createTask(async () => {
          while (true) await checkpoint()
        }),
    ],
    [
      'checkpoint() in a fiber',
      () =>
        createTask(function* () {
          while (true) yield* checkpoint()
        }),
    ],
  ]
  for (const [name, loop] of loops) {
    test(`of ${name} do not keep timers, I/O and other tasks from going on`, () =>
      run(async () => {
        const endless = loop()
        const log: string[] = []
        await new Promise((resolve) => setTimeout(resolve, 5))
        log.push('timer')
        await new Promise((resolve) => setImmediate(resolve))
        log.push('immediate')
        await readFile(new URL(import.meta.url))
        log.push('file')
        const server = createServer((_request, response) => response.end('hello'))
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as AddressInfo
        const response = await fetch(`http://127.0.0.1:${port}/`)
        log.push(await response.text())
        server.close()
        server.closeAllConnections()
        await sleep(5)
        log.push('sleep')
        assert.equal(endless.done(), false)
        endless.cancel()
        await caught(() => endless)
        assert.deepEqual(log, ['timer', 'immediate', 'file', 'hello', 'sleep'])
      }))
  }
})
