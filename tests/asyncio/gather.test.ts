import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CancelledError,
  checkpoint,
  createTask,
  currentTask,
  gather,
  isCancelled,
  run,
  shield,
  sleep,
  type Task,
  until,
} from 'plait/asyncio'
import { caught, INVALID_ARGUMENT } from './caught.ts'
import { deferred } from './deferred.ts'
import { holds } from './holds.ts'

describe('gather', { timeout: 30_000 }, () => {
  test('gives results in input order, whatever ends first', () =>
    run(async () => {
      assert.deepEqual(
        await gather(
          () => sleep(10, 'slow'),
          () => sleep(1, 'fast'),
          () => 'now',
        ),
        ['slow', 'fast', 'now'],
      )
    }))

  test('takes coroutines in every notation, promises and tasks, mixed, in both call forms', () =>
    run(async () => {
      const task = createTask(() => sleep(2, 'task'))
      const items = () =>
        [
          async () => 'async',
          function* () {
            yield* sleep(1)
            return 'fiber'
          },
          () => 'plain',
          () => Promise.resolve('promise from a plain one'),
          Promise.resolve('promise'),
          sleep(1, 'operation'),
          task,
          gather(
            () => 'nested',
            () => 1,
          ),
        ] as const
      const expected = [
        'async',
        'fiber',
        'plain',
        'promise from a plain one',
        'promise',
        'operation',
        'task',
        ['nested', 1],
      ]
      assert.deepEqual(await gather(...items()), expected)
      assert.deepEqual(await gather(items()), expected)
      assert.deepEqual(await gather(items(), {}), expected)
      assert.deepEqual(await gather(items(), { returnExceptions: false }), expected)
      assert.deepEqual(await gather(items(), { returnExceptions: true }), expected)
    }))

  test('runs the example of the article in both call forms, interleaved', () =>
    run(async () => {
      for (const form of ['calls', 'functions']) {
        const log: string[] = []
        const counter = (name: string) => async () => {
          for (let i = 0; i < 5; i++) {
            log.push(`${name} - Iteration ${i}`)
            await sleep(2)
          }
        }
        const task1 = counter('Task 1')
        const task2 = counter('Task 2')
        if (form === 'calls') await gather(task1(), task2())
        else await gather(task1, task2)
        assert.deepEqual(
          log,
          [0, 1, 2, 3, 4].flatMap((i) => [`Task 1 - Iteration ${i}`, `Task 2 - Iteration ${i}`]),
        )
      }
    }))

  test('of nothing is an empty list', () =>
    run(async () => {
      assert.deepEqual(await gather(), [])
      assert.deepEqual(await gather([]), [])
      assert.deepEqual(await gather([], { returnExceptions: true }), [])
    }))

  test('starts coroutines as tasks of their own, in order, even before it is awaited', () =>
    run(async () => {
      const log: string[] = []
      const me = currentTask()
      const seen = new Set<unknown>()
      const child = (name: string) => async () => {
        log.push(name)
        assert.notEqual(currentTask(), me)
        seen.add(currentTask())
        return name
      }
      const both = gather(child('a'), child('b'))
      await sleep(2)
      assert.deepEqual(log, ['a', 'b'])
      assert.equal(seen.size, 2)
      assert.deepEqual(await both, ['a', 'b'])
      assert.deepEqual(await both, ['a', 'b'], 'awaiting it again gives the same and starts nothing')
      assert.deepEqual(log, ['a', 'b'])
    }))

  test('awaits the same task twice, but starts the same coroutine twice', () =>
    run(async () => {
      let started = 0
      const coroutine = async () => ++started
      const task = createTask(() => sleep(1, 'once'))
      assert.deepEqual(await gather(task, coroutine, task, coroutine), ['once', 1, 'once', 2])
    }))

  test('refuses what can be neither started nor awaited', () =>
    run(async () => {
      for (const wrong of [5, null, undefined, 'text', {}]) {
        await assert.rejects(async () => await gather(wrong as never), INVALID_ARGUMENT)
        await assert.rejects(async () => await gather([() => 1, wrong as never]), INVALID_ARGUMENT)
      }
    }))

  test('takes the items as they were when it was called', () =>
    run(function* () {
      const items: (() => Promise<number>)[] = []
      items.push(async () => 1)
      const both = gather(items)
      items.push(async () => 2)
      assert.deepEqual(yield* both, [1])
    }))

  test('ten thousand children', () =>
    run(async () => {
      const results = await gather(Array.from({ length: 10_000 }, (_, i) => async () => i))
      assert.equal(
        results.reduce((a, b) => a + b, 0),
        49_995_000,
      )
    }))
})

describe('gather › a failure', { timeout: 30_000 }, () => {
  test('cancels and awaits the other children, then throws that error as it is', () =>
    run(async () => {
      for (const mine of [new RangeError('first'), undefined, null, 'text']) {
        const log: string[] = []
        const error = await caught(() =>
          gather(
            async () => {
              try {
                await sleep('1h')
              } finally {
                await shield(() => sleep(3))
                log.push('cleaned')
              }
            },
            async () => {
              await sleep(1)
              throw mine
            },
            function* () {
              try {
                yield* sleep('1h')
              } finally {
                log.push('fiber cleaned')
              }
            },
          ),
        )
        assert.equal(error, mine)
        assert.deepEqual(log.sort(), ['cleaned', 'fiber cleaned'])
      }
    }))

  test('is the first in time, not in order', () =>
    run(async () => {
      const error = await caught(() =>
        gather(
          async () => {
            await sleep(50)
            throw new Error('later')
          },
          async () => {
            await sleep(1)
            throw new Error('sooner')
          },
        ),
      )
      assert.equal(error.message, 'sooner')
    }))

  test('lets children that never started run to their first wait, then cancels them', () =>
    run(async () => {
      const log: string[] = []
      const error = await caught(() =>
        gather(
          () => {
            throw new Error('at once')
          },
          async () => {
            log.push('started')
            await sleep(0)
            log.push('not reached')
          },
        ),
      )
      assert.equal(error.message, 'at once')
      assert.deepEqual(log, ['started'])
    }))

  test('does not cancel tasks and promises that it only awaits', () =>
    run(async () => {
      const gate = deferred<string>()
      const task = createTask(() => until(gate.promise))
      const error = await caught(() =>
        gather(task, async () => {
          await sleep(1)
          throw new Error('child')
        }),
      )
      assert.equal(error.message, 'child')
      assert.equal(task.done(), false)
      assert.equal(task.cancelling(), false)
      gate.resolve('task goes on')
      assert.equal(await task, 'task goes on')
    }))

  test('of a promise or task that it awaits cancels its children too', () =>
    run(async () => {
      const cancelled: string[] = []
      const child = (name: string) => async () => {
        try {
          await sleep('1h')
        } catch (error) {
          cancelled.push(name)
          throw error
        }
      }
      const promise = deferred<never>()
      setTimeout(() => promise.reject(new Error('promise')), 2)
      assert.equal((await caught(() => gather(child('a'), promise.promise))).message, 'promise')
      const task = createTask(async () => {
        await sleep(1)
        throw new Error('task')
      })
      assert.equal((await caught(() => gather(child('b'), task))).message, 'task')
      assert.deepEqual(cancelled, ['a', 'b'])
    }))

  test('of something whose then throws is a failure like any other', () =>
    run(async () => {
      let child = 'running'
      const broken = {
        then(): never {
          throw new Error('broken then')
        },
      }
      const work = async () => {
        try {
          await sleep('1h')
        } finally {
          child = 'ended'
        }
      }
      assert.equal((await caught(() => gather(work, broken))).message, 'broken then')
      assert.equal(child, 'ended')
    }))

  test('of a task that fails only after gather has thrown is reported: nobody has looked at it', async () => {
    const reported: unknown[] = []
    await run(
      async () => {
        const gate = deferred()
        const late = createTask(async () => {
          await until(gate.promise)
          throw new Error('late')
        })
        const fails = async () => {
          throw new Error('first')
        }
        assert.equal((await caught(() => gather(fails, late))).message, 'first')
        gate.resolve()
        while (!late.done()) await sleep(0)
      },
      { onUnhandled: (error) => reported.push((error as Error).message) },
    )
    assert.deepEqual(reported, ['late'])
  })

  test('of several promises: the later ones are no unhandled rejections', () =>
    run(async () => {
      const [a, b] = [deferred<never>(), deferred<never>()]
      const both = gather(a.promise, b.promise)
      a.reject(new Error('a'))
      assert.equal((await caught(() => both)).message, 'a')
      b.reject(new Error('b'))
      await new Promise((resolve) => setImmediate(resolve))
    }))

  test('by the cancel of one child: its CancelledError is the error, the others are cancelled', () =>
    run(async () => {
      let first: Task<unknown> | undefined
      let second: Task<unknown> | undefined
      const both = gather(
        async () => {
          first = currentTask()
          await sleep('1h')
        },
        async () => {
          second = currentTask()
          await sleep('1h')
        },
      )
      setTimeout(() => first!.cancel('only me'), 2)
      const error = await caught(() => both)
      holds(isCancelled(error))
      assert.equal(error.reason, 'only me')
      assert.equal(error.task, first)
      assert.equal(second!.cancelled(), true)
      await sleep(0)
    }))

  test('that happens while the others are being cancelled does not hide the first, and is not lost', async () => {
    const reported: unknown[] = []
    await run(
      async () => {
        const error = await caught(() =>
          gather(
            async () => {
              await sleep(1)
              throw new Error('first')
            },
            async () => {
              try {
                await sleep('1h')
              } catch {
                throw new Error('cleanup')
              }
            },
          ),
        )
        assert.equal(error.message, 'first')
      },
      { onUnhandled: (error) => reported.push((error as Error).message) },
    )
    assert.deepEqual(reported, ['cleanup'])
  })
})

describe('gather › returnExceptions', { timeout: 30_000 }, () => {
  test('errors stand in the results, and nobody is cancelled', () =>
    run(async () => {
      const mine = new RangeError('mine')
      const cancelled = createTask(() => sleep('1h'))
      cancelled.cancel('gone')
      const results = await gather(
        [
          async () => {
            throw mine
          },
          () => {
            throw 'text'
          },
          () => sleep(5, 'fine'),
          cancelled,
          Promise.reject(mine),
          function* () {
            yield* sleep(1)
            throw mine
          },
        ],
        { returnExceptions: true },
      )
      assert.equal(results[0], mine)
      assert.equal(results[1], 'text')
      assert.equal(results[2], 'fine')
      holds(results[3] instanceof CancelledError)
      assert.equal((results[3] as CancelledError).reason, 'gone')
      assert.equal(results[4], mine)
      assert.equal(results[5], mine)
    }))

  test('a child that is cancelled by itself stands there as CancelledError', () =>
    run(async () => {
      let task: Task<unknown> | undefined
      const both = gather(
        [
          async () => {
            task = currentTask()
            await sleep('1h')
          },
          () => sleep(5, 'other'),
        ],
        { returnExceptions: true },
      )
      setTimeout(() => task!.cancel('itself'), 1)
      const results = await both
      holds(isCancelled(results[0]))
      assert.equal(results[1], 'other')
    }))
})

describe('gather › cancelled from outside', { timeout: 30_000 }, () => {
  for (const returnExceptions of [false, true]) {
    test(`cancels and awaits its children and throws CancelledError (returnExceptions: ${returnExceptions})`, () =>
      run(async () => {
        const log: string[] = []
        const awaited = createTask(() => sleep(20, 'goes on'))
        const promise = deferred<string>()
        const task = createTask(async () => {
          await gather(
            [
              async () => {
                try {
                  await sleep('1h')
                } finally {
                  await shield(() => sleep(3))
                  log.push('child cleaned')
                }
              },
              awaited,
              promise.promise,
              () =>
                gather(async () => {
                  try {
                    await sleep('1h')
                  } finally {
                    log.push('grandchild cleaned')
                  }
                }),
            ],
            { returnExceptions },
          )
          log.push('not reached')
        })
        await sleep(2)
        task.cancel('from outside')
        const error = await caught(() => task)
        holds(isCancelled(error))
        assert.equal(error.reason, 'from outside')
        assert.equal(task.cancelled(), true)
        assert.deepEqual(log.sort(), ['child cleaned', 'grandchild cleaned'])
        assert.equal(awaited.cancelling(), false)
        assert.equal(await awaited, 'goes on')
      }))
  }

  test('a child that swallows it and returns does not stop the CancelledError', () =>
    run(async () => {
      const task = createTask(async () => {
        await gather(
          async () => {
            try {
              await sleep('1h')
            } catch {
              return 'swallowed'
            }
            return 'slept'
          },
          () => 'done long ago',
        )
      })
      await sleep(1)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      assert.equal(task.cancelled(), true)
    }))

  test('in a task already cancelled: children run to their first wait', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        await caught(() => sleep('1h'))
        await gather(
          async () => {
            log.push('a')
            await checkpoint()
            log.push('not reached')
          },
          function* () {
            log.push('b')
            yield* checkpoint()
            log.push('not reached')
          },
        )
        log.push('not reached')
      })
      await sleep(1)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      assert.equal(task.cancelled(), true)
      assert.deepEqual(log, ['a', 'b'])
    }))

  test('in a task already cancelled: CancelledError is its own, not that of a child, however often it is tried', () =>
    run(async () => {
      for (const returnExceptions of [false, true]) {
        const task = createTask(async () => {
          const me = currentTask()
          await caught(() => sleep('1h'))
          for (let i = 0; i < 8; i++) {
            const error = await caught(() => gather([() => sleep('1h')], { returnExceptions }))
            holds(isCancelled(error))
            assert.equal(error.task, me, `time ${i}`)
          }
        })
        await sleep(1)
        task.cancel()
        await task
      }
    }))
})
