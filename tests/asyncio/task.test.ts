import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CancelledError,
  checkpoint,
  createTask,
  currentTask,
  gather,
  InvalidStateError,
  isCancelled,
  run,
  sleep,
  Task,
  until,
} from 'plait/asyncio'
import { caught, INVALID_ARGUMENT } from './caught.ts'
import { deferred } from './deferred.ts'
import { holds } from './holds.ts'

describe('createTask', { timeout: 30_000 }, () => {
  test('starts tasks after the code that creates them, in order of creation', () =>
    run(async () => {
      const log: string[] = []
      createTask(async () => {
        log.push('a')
        createTask(() => log.push('created by a'))
      })
      createTask(function* () {
        log.push('b')
        yield* []
      })
      createTask(() => log.push('c'))
      log.push('creator')
      await sleep(2)
      assert.deepEqual(log, ['creator', 'a', 'b', 'c', 'created by a'])
    }))

  test('starts them in the same turn of the loop', () =>
    run(async () => {
      const log: string[] = []
      await sleep(1)
      setImmediate(() => log.push('next phase of the loop'))
      createTask(() => log.push('task'))
      await sleep(5)
      assert.deepEqual(log, ['task', 'next phase of the loop'])
    }))

  test('eager: the first step happens at once, with the new task as the current one', () =>
    run(async () => {
      const log: string[] = []
      const me = currentTask()
      const task = createTask(
        async () => {
          log.push(`first step of ${currentTask()!.name}`)
          await sleep(0)
          log.push(`second step of ${currentTask()!.name}`)
          return 'value'
        },
        { eager: true, name: 'eager' },
      )
      log.push('creator')
      assert.equal(currentTask(), me)
      assert.equal(task.done(), false)
      assert.equal(await task, 'value')
      assert.deepEqual(log, ['first step of eager', 'creator', 'second step of eager'])
      assert.equal(currentTask(), me)
    }))

  test('eager: a generator too, and one that never waits is done at once', () =>
    run(async () => {
      const fiber = createTask(
        function* () {
          yield* []
          return 'no wait'
        },
        { eager: true },
      )
      assert.equal(fiber.done(), true)
      assert.equal(fiber.result(), 'no wait')
      const plain = createTask(() => 'plain', { eager: true })
      assert.equal(plain.result(), 'plain')
    }))

  test('eager: what the first step throws is the failure of the task, not of createTask', () =>
    run(async () => {
      const mine = new Error('first step')
      for (const coroutine of [
        () => {
          throw mine
        },
        async () => {
          throw mine
        },
        function* () {
          yield* sleep(0)
          throw mine
        },
      ]) {
        const task = createTask(coroutine, { eager: true })
        assert.equal(await caught(() => task), mine)
      }
    }))

  test('belongs to the run: it outlives the task that created it', () =>
    run(async () => {
      let inner: Task<string> | undefined
      const gate = deferred<string>()
      const creator = createTask(async () => {
        inner = createTask(() => until(gate.promise))
        await sleep('1h')
      })
      await sleep(1)
      creator.cancel()
      await caught(() => creator)
      assert.equal(inner!.done(), false)
      gate.resolve('inner')
      assert.equal(await inner, 'inner')
    }))

  test('gives every task a name and an id of its own', () =>
    run(async () => {
      const tasks = [createTask(() => 1), createTask(() => 2), createTask(() => 3, { name: 'third' })]
      assert.equal(new Set(tasks.map((task) => task.id)).size, 3)
      for (const task of tasks) {
        assert.equal(typeof task.id, 'number')
        assert.equal(typeof task.name, 'string')
        assert.notEqual(task.name, '')
        holds(task instanceof Task)
      }
      assert.notEqual(tasks[0]!.name, tasks[1]!.name)
      assert.equal(tasks[2]!.name, 'third')
      await gather(tasks)
    }))

  test('something that is not a function is a wrong argument', () =>
    run(async () => {
      for (const wrong of [undefined, null, 5, 'text', Promise.resolve(1), {}]) {
        assert.throws(() => createTask(wrong as never), INVALID_ARGUMENT)
      }
    }))
})

describe('currentTask', { timeout: 30_000 }, () => {
  test('is the running task, also after awaits of every kind and in helpers', () =>
    run(
      async () => {
        const root = currentTask()!
        assert.equal(root.name, 'root')
        const helper = async () => {
          await Promise.resolve()
          await sleep(1)
          return { task: currentTask() }
        }
        const tasks: Task<void>[] = Array.from({ length: 3 }, (_, i) =>
          createTask(
            async () => {
              assert.equal(currentTask(), tasks[i])
              await new Promise((resolve) => setTimeout(resolve, 2))
              assert.equal(currentTask(), tasks[i])
              await checkpoint()
              assert.equal((await helper()).task, tasks[i])
            },
            { name: `t${i}` },
          ),
        )
        const fiber: Task<void> = createTask(function* () {
          assert.equal(currentTask(), fiber)
          yield* sleep(1)
          assert.equal(currentTask(), fiber)
          yield* until(Promise.resolve())
          assert.equal(currentTask(), fiber)
        })
        await gather([...tasks, fiber])
        assert.equal(currentTask(), root)
      },
      { name: 'root' },
    ))

  test('is undefined outside of every run', async () => {
    assert.equal(currentTask(), undefined)
    await run(() => sleep(0))
    assert.equal(currentTask(), undefined)
  })
})

describe('task', { timeout: 30_000 }, () => {
  test('before its end: not done, and result() and exception() throw InvalidStateError', () =>
    run(async () => {
      const task = createTask(() => sleep(3))
      assert.equal(task.done(), false)
      assert.equal(task.cancelled(), false)
      assert.equal(task.cancelling(), false)
      assert.throws(() => task.result(), InvalidStateError)
      assert.throws(() => task.exception(), InvalidStateError)
      await sleep(1)
      assert.throws(() => task.result(), InvalidStateError)
      assert.throws(() => task.exception(), { code: 'PLAIT_INVALID_STATE' })
      await task
    }))

  test('after success: result(), and exception() is undefined', () =>
    run(async () => {
      const value = { an: 'object' }
      const task = createTask(async () => value)
      assert.equal(await task, value)
      assert.equal(task.done(), true)
      assert.equal(task.cancelled(), false)
      assert.equal(task.result(), value)
      assert.equal(task.exception(), undefined)
      assert.equal(task.cancel(), false)
      assert.equal(task.cancelled(), false)
      assert.equal(await task, value, 'and again')
    }))

  test('after failure: the error itself, thrown and given', () =>
    run(async () => {
      for (const thrown of [new TypeError('mine'), null, 'text', 0]) {
        const task = createTask(async () => {
          await sleep(0)
          throw thrown
        })
        assert.equal(await caught(() => task), thrown)
        assert.equal(task.done(), true)
        assert.equal(task.cancelled(), false)
        assert.equal(task.exception(), thrown)
        assert.equal(await caught(() => task.result()), thrown)
        assert.equal(task.cancel(), false)
      }
    }))

  test('after cancel: CancelledError with reason and task, thrown and given', () =>
    run(async () => {
      const task = createTask(() => sleep('1h'))
      const reason = { why: 'test' }
      await sleep(0)
      assert.equal(task.cancel(reason), true)
      assert.equal(task.done(), false, 'it has to unwind first')
      assert.equal(task.cancelling(), true)
      const error = await caught(() => task)
      holds(error instanceof CancelledError)
      assert.equal(error.reason, reason)
      assert.equal(error.task, task)
      assert.equal(task.done(), true)
      assert.equal(task.cancelled(), true)
      assert.equal(task.cancel(), false)
      const given = task.exception()
      holds(isCancelled(given))
      assert.equal(given.reason, reason)
      assert.throws(() => task.result(), { code: 'PLAIT_CANCELLED', name: 'CancelledError', reason })
    }))

  test('cancel twice: still true while it unwinds, and the first reason stays', () =>
    run(async () => {
      const task = createTask(() => sleep('1h'))
      await sleep(0)
      assert.equal(task.cancel('first'), true)
      assert.equal(task.cancel('second'), true)
      const error = await caught(() => task)
      assert.equal(error.reason, 'first')
    }))

  test('cancel without a reason: reason is undefined', () =>
    run(async () => {
      const task = createTask(() => sleep('1h'))
      await sleep(0)
      task.cancel()
      const error = await caught(() => task)
      holds(isCancelled(error))
      assert.equal(error.reason, undefined)
    }))

  test('is awaited by many, each gets the outcome', () =>
    run(async () => {
      const task = createTask(() => sleep(2, 'shared'))
      const results = await gather(
        async () => await task,
        function* () {
          return yield* task
        },
        task,
        until(task),
        Promise.resolve(task),
      )
      assert.deepEqual(results, ['shared', 'shared', 'shared', 'shared', 'shared'])
    }))

  test('then, catch and finally behave as those of a promise', () =>
    run(async () => {
      const good = createTask(() => sleep(1, 20))
      const bad = createTask(async () => {
        await sleep(1)
        throw new Error('bad')
      })
      assert.equal(await good.then((value) => value + 1), 21)
      assert.equal(await good.then((value) => sleep(0, value + 2)), 22)
      assert.equal(await good.catch(() => 'not used'), 20)
      assert.equal(await bad.catch((error: any) => error.message), 'bad')
      assert.equal(
        await bad.then(
          () => 'not used',
          (error: any) => `then ${error.message}`,
        ),
        'then bad',
      )
      let finals = 0
      assert.equal(
        await good.finally(() => {
          finals++
        }),
        20,
      )
      assert.equal(
        (
          await caught(() =>
            bad.finally(() => {
              finals++
            }),
          )
        ).message,
        'bad',
      )
      assert.equal(finals, 2)
      assert.deepEqual(await Promise.all([good, good]), [20, 20])
      assert.equal(await Promise.race([good, createTask(() => sleep(50, 1))]), 20)
      assert.deepEqual(
        (await Promise.allSettled([good, bad])).map((outcome) => outcome.status),
        ['fulfilled', 'rejected'],
      )
    }))

  test('an async function that returns a task waits for it', () =>
    run(async () => {
      const outer = createTask(async () => createTask(() => sleep(1, 'inner')))
      assert.equal(await outer, 'inner')
    }))

  test('one that awaits itself gets InvalidStateError instead of hanging', () =>
    run(async () => {
      const task: Task<unknown> = createTask(async () => {
        await sleep(0)
        return await caught(async () => await task)
      })
      const fiber: Task<unknown> = createTask(function* (): Generator<unknown, unknown, any> {
        yield* sleep(0)
        try {
          return yield* fiber
        } catch (error) {
          return error
        }
      })
      const watchdog = setTimeout(() => {
        task.cancel('it hangs')
        fiber.cancel('it hangs')
      }, 500)
      const errors = [await task, await fiber]
      clearTimeout(watchdog)
      for (const error of errors) holds(error instanceof InvalidStateError, String(error))
    }))

  test('a chain of five thousand tasks, each awaiting the next, resolves without a stack overflow', () =>
    run(async () => {
      const gate = deferred<number>()
      let last: Task<number> = createTask(() => until(gate.promise))
      for (let i = 0; i < 5_000; i++) {
        const previous = last
        last =
          i % 2 === 0
            ? createTask(async () => (await previous) + 1)
            : createTask(function* () {
                return (yield* previous) + 1
              })
      }
      await sleep(1)
      gate.resolve(0)
      assert.equal(await last, 5_000)
    }))

  test('a chain of five thousand tasks fails without a stack overflow', () =>
    run(async () => {
      const gate = deferred<never>()
      let last: Task<unknown> = createTask(() => until(gate.promise))
      for (let i = 0; i < 5_000; i++) {
        const previous = last
        last =
          i % 2 === 0
            ? createTask(async () => await previous)
            : createTask(function* () {
                yield* previous
              })
      }
      await sleep(1)
      const mine = new Error('from the bottom')
      gate.reject(mine)
      assert.equal(await caught(() => last), mine)
    }))

  test('a fiber awaits a hundred thousand finished tasks in a row without a stack overflow', () =>
    run(async () => {
      const task = createTask(() => 1)
      await task
      const sum = await createTask(function* () {
        let total = 0
        for (let i = 0; i < 100_000; i++) total += yield* task
        return total
      })
      assert.equal(sum, 100_000)
    }))
})

describe('task › done callbacks', { timeout: 30_000 }, () => {
  test('get the task, in the order in which they were added, for every kind of ending', () =>
    run(async () => {
      const log: string[] = []
      const ends = [
        createTask(() => sleep(1), { name: 'good' }),
        createTask(
          async () => {
            await sleep(1)
            throw new Error('bad')
          },
          { name: 'bad' },
        ),
        createTask(() => sleep('1h'), { name: 'cancelled' }),
      ]
      for (const task of ends) {
        task.addDoneCallback((done) => {
          assert.equal(done, task)
          assert.equal(done.done(), true)
          log.push(`1 ${done.name}`)
        })
        task.addDoneCallback((done) => log.push(`2 ${done.name}`))
      }
      await sleep(0)
      ends[2]!.cancel()
      await Promise.allSettled(ends)
      await sleep(1)
      assert.deepEqual(log.sort(), ['1 bad', '1 cancelled', '1 good', '2 bad', '2 cancelled', '2 good'])
    }))

  test('added to a finished task are called soon, not at once', () =>
    run(async () => {
      const task = createTask(() => 1)
      await task
      let called = 0
      task.addDoneCallback(() => called++)
      assert.equal(called, 0)
      await sleep(1)
      assert.equal(called, 1)
    }))

  test('removed ones are not called', () =>
    run(async () => {
      const log: string[] = []
      const first = () => log.push('first')
      const second = () => log.push('second')
      const task = createTask(() => sleep(1))
      task.addDoneCallback(first)
      task.addDoneCallback(second)
      holds(task.removeDoneCallback(first))
      holds(!task.removeDoneCallback(() => {}))
      await task
      await sleep(1)
      assert.deepEqual(log, ['second'])
    }))

  test('are called in the order in which they were added, one that was added twice both times', () =>
    run(async () => {
      const log: string[] = []
      const a = () => log.push('a')
      const task = createTask(() => sleep(1))
      task.addDoneCallback(a)
      task.addDoneCallback(() => log.push('b'))
      task.addDoneCallback(a)
      await task
      await sleep(0)
      assert.deepEqual(log, ['a', 'b', 'a'])
    }))

  test('run where they were added: what they start belongs to that run', async () => {
    const log: unknown[] = []
    let inner: Task<unknown> | undefined
    await run(async () => {
      const task = createTask(() => sleep(1))
      const adder = createTask(async () => {
        task.addDoneCallback(() => {
          log.push(currentTask() === adder)
          inner = createTask(() => sleep('1h'))
        })
      })
      await task
      await sleep(0)
    })
    assert.deepEqual(log, [true])
    assert.equal(inner!.cancelled(), true, 'it ended with the run')
  })

  test('do not count as having looked once they are removed', async () => {
    const reported: unknown[] = []
    await run(
      async () => {
        const callback = () => {}
        const task = createTask(async () => {
          await sleep(1)
          throw new Error('lost')
        })
        task.addDoneCallback(callback)
        task.removeDoneCallback(callback)
        while (!task.done()) await sleep(1)
      },
      { onUnhandled: (error) => reported.push((error as Error).message) },
    )
    assert.deepEqual(reported, ['lost'])
  })

  test('may add, remove and cancel in the middle of being called', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(() => sleep(1))
      const other = createTask(() => sleep('1h'))
      task.addDoneCallback((done) => {
        log.push('a')
        assert.equal(done.cancel(), false)
        done.addDoneCallback(() => log.push('added late'))
        other.cancel('by a callback')
      })
      task.addDoneCallback(() => log.push('b'))
      await task
      const error = await caught(() => other)
      assert.equal(error.reason, 'by a callback')
      await sleep(1)
      assert.deepEqual(log, ['a', 'b', 'added late'])
    }))
})
