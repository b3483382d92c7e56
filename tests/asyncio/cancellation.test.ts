import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Awaitable,
  CancelledError,
  checkCancelled,
  checkpoint,
  createTask,
  currentTask,
  gather,
  InvalidStateError,
  isCancelled,
  run,
  signal,
  sleep,
  type Task,
  taskGroup,
  timeout,
  until,
} from 'plait/asyncio'
import { caught } from './caught.ts'
import { deferred } from './deferred.ts'
import { holds } from './holds.ts'
import { runProgram } from './program.ts'

const never = new Promise<never>(() => {})

/** Every wait of this library, each of which would last for ever or take a turn. */
const WAITS: [string, (other: Task<unknown>) => Awaitable<unknown>][] = [
  ['sleep of an hour', () => sleep('1h')],
  ['sleep(0)', () => sleep(0)],
  ['checkpoint', () => checkpoint()],
  ['until', () => until(never)],
  ['a task', (other) => other],
  ['gather of a promise', () => gather(never)],
  ['gather of a coroutine', () => gather(() => sleep('1h'))],
  ['taskGroup', () => taskGroup((tg) => void tg.createTask(() => sleep('1h')))],
  ['timeout', () => timeout('1h', () => until(never))],
]

describe('cancellation › rule 1: the wait and every later one throws', { timeout: 60_000 }, () => {
  for (const [name, wait] of WAITS) {
    test(`cuts ${name}, at once and again later, in async tasks`, () =>
      run(async () => {
        const other = createTask(() => sleep('1h'))
        const log: unknown[] = []
        const task = createTask(async () => {
          await caught(() => until(never))
          for (let i = 0; i < 3; i++) {
            const error = await caught(() => wait(other))
            log.push(isCancelled(error) ? error.reason : error)
          }
          await wait(other)
          log.push('not reached')
        })
        await sleep(1)
        task.cancel('reason')
        assert.equal((await caught(() => task)).reason, 'reason')
        assert.equal(task.cancelled(), true)
        assert.deepEqual(log, ['reason', 'reason', 'reason'])
        assert.equal(other.cancelling(), false)
      }))

    test(`cuts ${name} while it waits, in async tasks and fibers`, () =>
      run(async () => {
        if (name === 'sleep(0)' || name === 'checkpoint') return
        const other = createTask(() => sleep('1h'))
        const tasks = [
          createTask(async () => {
            await wait(other)
          }),
          createTask(function* () {
            yield* wait(other)
          }),
          createTask(() => wait(other)),
        ]
        await sleep(2)
        for (const task of tasks) {
          assert.equal(task.done(), false)
          task.cancel('cut')
          assert.equal((await caught(() => task)).reason, 'cut')
          assert.equal(task.cancelled(), true)
        }
        assert.equal(other.cancelling(), false)
      }))

    test(`cuts ${name}, at once and again later, in fibers`, () =>
      run(async () => {
        const other = createTask(() => sleep('1h'))
        const log: unknown[] = []
        const task = createTask(function* () {
          for (let i = 0; i < 3; i++) {
            try {
              yield* i === 0 ? until(never) : wait(other)
              log.push('no error')
            } catch (error) {
              log.push(isCancelled(error) ? error.reason : error)
            }
          }
          yield* wait(other)
          log.push('not reached')
        })
        await sleep(1)
        task.cancel('reason')
        assert.equal((await caught(() => task)).reason, 'reason')
        assert.deepEqual(log, ['reason', 'reason', 'reason'])
      }))
  }

  test('reaches waits in helpers and in concurrent parts of the same task', () =>
    run(async () => {
      const log: string[] = []
      const helper = async (name: string) => {
        try {
          await sleep('1h')
        } finally {
          log.push(name)
        }
      }
      const task = createTask(async () => {
        await Promise.all([helper('a'), helper('b'), (async () => helper('c'))()])
      })
      await sleep(1)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      assert.deepEqual(log.sort(), ['a', 'b', 'c'])
    }))

  test('waits in a finally block throw too', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        try {
          await sleep('1h')
        } finally {
          log.push('cleanup begins')
          await sleep(1)
          log.push('not reached')
        }
      })
      await sleep(1)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      assert.deepEqual(log, ['cleanup begins'])
    }))

  test('ends with the scope: after a timeout that swallowed, waits are whole again', () =>
    run(async () => {
      await timeout(1, async () => {
        await caught(() => sleep('1h'))
        await caught(() => sleep('1h'))
        await caught(() => checkpoint())
        assert.throws(() => checkCancelled(), isCancelled)
      })
      checkCancelled()
      await sleep(1)
    }))

  test('a retry loop that catches everything and waits before it tries again is over', () =>
    run(async () => {
      let tries = 0
      const task = createTask(async () => {
        for (;;) {
          try {
            tries++
            await sleep(1)
            throw new Error('failed')
          } catch {
            await sleep(1)
          }
        }
      })
      await sleep(10)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      holds(tries > 0)
    }))

  test('many cancellations, each refused once or twice on the way out, are not reported as ignored', async (t) => {
    const warned = t.mock.method(process, 'emitWarning', () => {})
    await run(async () => {
      for (let i = 0; i < 40; i++) {
        const cleanup = async () => {
          try {
            await sleep('1h')
          } finally {
            await sleep(0)
          }
        }
        await taskGroup(async (tg) => {
          tg.cancel()
          await cleanup()
        })
      }
    })
    assert.equal(warned.mock.callCount(), 0)
  })

  for (const notation of ['async', 'fiber', 'checkpoint', 'gather']) {
    test(`a loop that swallows for ever freezes nobody, gets one throw a turn, and is reported once (${notation})`, async () => {
      const ending = await runProgram('stubborn.js', [notation])
      assert.equal(ending.signal, null, `it froze; ${ending.stdout} ${ending.stderr}`)
      assert.equal(ending.code, 0)
      const [others, line] = ending.stdout.trim().split('\n')
      assert.equal(others, 'others go on')
      const { before, inHundredTurns, done } = JSON.parse(line!)
      assert.equal(done, false)
      holds(before > 1, 'it is level-triggered')
      holds(inHundredTurns > 50 && inHundredTurns <= 105, `${inHundredTurns} throws in 100 turns`)
      assert.match(ending.stderr, /ignor/i)
      assert.equal(ending.stderr.match(/the stubborn one/g)?.length, 1, ending.stderr)
    })
  }
})

describe('cancellation › rule 2: a body always starts', { timeout: 30_000 }, () => {
  test('a task cancelled before its first step runs to its first wait, finally blocks included', () =>
    run(async () => {
      const log: string[] = []
      const tasks = [
        createTask(async () => {
          try {
            log.push('async started')
            await sleep(0)
            log.push('not reached')
          } finally {
            log.push('async ended')
          }
        }),
        createTask(function* () {
          try {
            log.push('fiber started')
            yield* sleep(0)
            log.push('not reached')
          } finally {
            log.push('fiber ended')
          }
        }),
      ]
      for (const task of tasks) task.cancel('early')
      for (const task of tasks) {
        assert.equal((await caught(() => task)).reason, 'early')
        assert.equal(task.cancelled(), true)
      }
      assert.deepEqual(log.sort(), ['async ended', 'async started', 'fiber ended', 'fiber started'])
    }))

  test('a body that never waits ends well although it was cancelled before', () =>
    run(async () => {
      const task = createTask(() => 'no wait')
      assert.equal(task.cancel(), true)
      assert.equal(await task, 'no wait')
      assert.equal(task.cancelled(), false)
      const asynchronous = createTask(async () => {
        await Promise.resolve()
        return 'no wait on the library'
      })
      asynchronous.cancel()
      assert.equal(await asynchronous, 'no wait on the library')
    }))
})

describe('cancellation › rule 3: nothing is lost at the edge', { timeout: 30_000 }, () => {
  test('a value delivered before the cancel is returned, and the cancel comes at the next wait', () =>
    run(async () => {
      for (const notation of ['async', 'fiber']) {
        const log: string[] = []
        const source = createTask(() => sleep(3, 'value'))
        const waiter =
          notation === 'async'
            ? createTask(async () => {
                log.push(await source)
                await sleep('1h')
                log.push('not reached')
              })
            : createTask(function* () {
                log.push(yield* source)
                yield* sleep('1h')
                log.push('not reached')
              })
        await sleep(1)
        source.addDoneCallback(() => waiter.cancel('too late'))
        assert.equal((await caught(() => waiter)).reason, 'too late')
        assert.equal(waiter.cancelled(), true)
        assert.deepEqual(log, ['value'], notation)
      }
    }))

  test('a task that is cancelled after its last wait has its result', () =>
    run(async () => {
      const task: Task<string> = createTask(async () => {
        await sleep(0)
        task.cancel('too late')
        return 'result'
      })
      assert.equal(await task, 'result')
      assert.equal(task.cancelled(), false)
    }))
})

describe('cancellation › rule 4: how a cancelled task ends', { timeout: 30_000 }, () => {
  test('by its own cancellation: cancelled, also when the body catches and throws it again', () =>
    run(async () => {
      const task = createTask(async () => {
        try {
          await sleep('1h')
        } catch (error) {
          await Promise.resolve()
          throw error
        }
      })
      await sleep(0)
      task.cancel()
      await caught(() => task)
      assert.equal(task.cancelled(), true)
    }))

  test('caught and returned: a result', () =>
    run(async () => {
      for (const coroutine of [
        async () => {
          try {
            return await sleep('1h', 'slept')
          } catch {
            return 'caught'
          }
        },
        function* () {
          try {
            return yield* sleep('1h', 'slept')
          } catch {
            return 'caught'
          }
        },
      ]) {
        const task = createTask(coroutine)
        await sleep(0)
        task.cancel()
        assert.equal(await task, 'caught')
        assert.equal(task.cancelled(), false)
        assert.equal(task.done(), true)
        assert.equal(task.exception(), undefined)
      }
    }))

  test('threw something else: failed with that', () =>
    run(async () => {
      const mine = new Error('instead')
      for (const coroutine of [
        async () => {
          try {
            await sleep('1h')
          } catch {
            throw mine
          }
        },
        function* () {
          try {
            yield* sleep('1h')
          } catch {
            throw mine
          }
        },
      ]) {
        const task = createTask(coroutine)
        await sleep(0)
        task.cancel()
        assert.equal(await caught(() => task), mine)
        assert.equal(task.cancelled(), false)
        assert.equal(task.exception(), mine)
      }
    }))

  test('the CancelledError of an awaited task that escapes is a failure', () =>
    run(async () => {
      const source = createTask(() => sleep('1h'), { name: 'source' })
      const waiters = [
        createTask(async () => {
          await source
        }),
        createTask(function* () {
          yield* source
        }),
      ]
      await sleep(1)
      source.cancel('source only')
      for (const waiter of waiters) {
        const error = await caught(() => waiter)
        holds(isCancelled(error))
        assert.equal(error.task, source)
        assert.equal(waiter.done(), true)
        assert.equal(waiter.cancelled(), false, 'it has failed, it was not cancelled')
        assert.equal(waiter.exception(), error)
      }
    }))

  test('a CancelledError made by hand is a failure as well', () =>
    run(async () => {
      const mine = new CancelledError('by hand')
      const task = createTask(async () => {
        throw mine
      })
      assert.equal(await caught(() => task), mine)
      assert.equal(task.cancelled(), false)
    }))

  test('awaiting a task is a wait of the one who awaits: its cancel cuts it, the awaited task goes on', () =>
    run(async () => {
      const gate = deferred<string>()
      const source = createTask(() => until(gate.promise))
      const first = createTask(async () => await source)
      const second = createTask(function* () {
        return yield* source
      })
      const third = createTask(async () => await source)
      await sleep(1)
      first.cancel()
      second.cancel()
      assert.equal((await caught(() => first)).task, first)
      assert.equal((await caught(() => second)).task, second)
      assert.equal(source.cancelling(), false)
      gate.resolve('goes on')
      assert.equal(await third, 'goes on')
    }))

  test('awaiting a cancelled task throws each time, to everybody', () =>
    run(async () => {
      const task = createTask(() => sleep('1h'))
      task.cancel('gone')
      for (let i = 0; i < 3; i++) {
        const error = await caught(() => task)
        assert.equal(error.reason, 'gone')
        assert.equal(error.task, task)
      }
      assert.throws(() => task.result(), isCancelled)
    }))

  test('a task that cancels itself: the next wait throws, a return before it is a result', () =>
    run(async () => {
      const log: string[] = []
      const waits = createTask(async () => {
        currentTask()!.cancel('myself')
        log.push('goes on to the wait')
        await sleep(0)
        log.push('not reached')
      })
      const returns = createTask(async () => {
        currentTask()!.cancel('myself')
        return 'result'
      })
      assert.equal((await caught(() => waits)).reason, 'myself')
      assert.equal(await returns, 'result')
      assert.deepEqual(log, ['goes on to the wait'])
    }))

  test('main that cancels itself fails with its CancelledError', async () => {
    const error = await caught(() =>
      run(async () => {
        currentTask()!.cancel('myself')
        await sleep(0)
      }),
    )
    holds(isCancelled(error))
    assert.equal(error.reason, 'myself')
  })
})

describe('cancellation › rule 5: ownership decides', { timeout: 30_000 }, () => {
  test('started by gather or a group: cancelled; awaited or made by createTask: not', () =>
    run(async () => {
      const log: string[] = []
      const gate = deferred()
      const child = (name: string) => async () => {
        try {
          await until(gate.promise)
          return name
        } catch (error) {
          log.push(name)
          throw error
        }
      }
      const awaited = createTask(child('awaited'))
      let made: Task<string> | undefined
      const task = createTask(() =>
        gather(
          child('gather'),
          awaited,
          () => taskGroup((tg) => void tg.createTask(child('group'))),
          async () => {
            made = createTask(child('made'))
            await sleep('1h')
          },
        ),
      )
      await sleep(2)
      task.cancel()
      await caught(() => task)
      assert.deepEqual(log.sort(), ['gather', 'group'])
      gate.resolve()
      assert.equal(await awaited, 'awaited')
      assert.equal(await made, 'made')
    }))
})

describe('cancellation › rule 6: foreign promises are not cut', { timeout: 30_000 }, () => {
  test('a task goes on behind a foreign await, and is cut at its next wait', () =>
    run(async () => {
      const foreign = deferred<string>()
      const log: string[] = []
      const task = createTask(async () => {
        log.push(await foreign.promise)
        await sleep(0)
        log.push('not reached')
      })
      await sleep(1)
      task.cancel()
      await sleep(5)
      assert.equal(task.done(), false)
      assert.equal(task.cancelling(), true)
      foreign.resolve('foreign value')
      holds(isCancelled(await caught(() => task)))
      assert.deepEqual(log, ['foreign value'])
    }))

  test('but a task whose coroutine gives a foreign promise is not done before it', () =>
    run(async () => {
      const foreign = deferred<string>()
      const task = createTask(() => foreign.promise)
      await sleep(1)
      task.cancel()
      await sleep(2)
      assert.equal(task.done(), false)
      foreign.resolve('late')
      assert.equal(await task, 'late')
    }))
})

describe('cancellation › rule 7: CancelledError', { timeout: 30_000 }, () => {
  test('has reason, task, name and code, and isCancelled tells it apart', () =>
    run(async () => {
      const task = createTask(() => sleep('1h'), { name: 'worker' })
      task.cancel('stop')
      const error = await caught(() => task)
      holds(error instanceof CancelledError)
      holds(error instanceof Error)
      assert.equal(error.name, 'CancelledError')
      assert.equal((error as any).code, 'PLAIT_CANCELLED')
      assert.equal(error.reason, 'stop')
      assert.equal(error.task, task)
      assert.equal(isCancelled(error), true)
      for (const other of [new Error('x'), new InvalidStateError('x'), { name: 'CancelledError' }, null]) {
        assert.equal(isCancelled(other), false)
      }
    }))
})

describe('checkCancelled', { timeout: 30_000 }, () => {
  test('throws at once in a cancelled scope, and costs no turn', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        checkCancelled()
        log.push('before')
        currentTask()!.cancel('now')
        checkCancelled()
        log.push('not reached')
      })
      createTask(() => log.push('other'))
      const error = await caught(() => task)
      assert.equal(error.reason, 'now')
      assert.equal(error.task, task)
      assert.equal(task.cancelled(), true)
      assert.deepEqual(log, ['before', 'other'])
    }))

  test('outside of every run there is nothing to check', () => {
    checkCancelled()
  })

  test('sees a cancel that comes from outside while the task computes', () =>
    run(async () => {
      const task = createTask(async () => {
        for (;;) {
          checkCancelled()
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
      await sleep(2)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      assert.equal(task.cancelled(), true)
    }))
})

describe('checkpoint', { timeout: 30_000 }, () => {
  for (const [name, turn] of [
    ['checkpoint()', () => checkpoint()],
    ['sleep(0)', () => sleep(0)],
  ] as [string, () => Awaitable<void>][]) {
    test(`${name} lets a task created just before make its first step, wherever it is called`, () =>
      run(async () => {
        const log: string[] = []
        const expected: string[] = []
        const asynchronous = async (where: string) => {
          createTask(() => log.push(`other in ${where}`))
          await turn()
          log.push(where)
          expected.push(`other in ${where}`, where)
        }
        function* fiber(where: string) {
          createTask(() => log.push(`other in ${where}`))
          yield* turn()
          log.push(where)
          expected.push(`other in ${where}`, where)
        }
        await asynchronous('first step of main')
        await asynchronous('second step of main')
        await sleep(1)
        await asynchronous('main after a sleep')
        await createTask(() => asynchronous('first step of a task'))
        await createTask(() => fiber('first step of a fiber'))
        await createTask(function* () {
          yield* checkpoint()
          yield* fiber('later step of a fiber')
          yield* sleep(1)
          yield* fiber('fiber after a sleep')
        })
        await until(new Promise((resolve) => setTimeout(resolve, 1)))
        await asynchronous('main after a foreign timer')
        assert.deepEqual(log, expected)
      }))

    test(`${name} is cut by a cancel that comes during its turn`, () =>
      run(async () => {
        for (const notation of ['async', 'fiber']) {
          const log: string[] = []
          const task =
            notation === 'async'
              ? createTask(async () => {
                  log.push('in the turn')
                  await turn()
                  log.push('not reached')
                })
              : createTask(function* () {
                  log.push('in the turn')
                  yield* turn()
                  log.push('not reached')
                })
          createTask(() => task.cancel('during'))
          assert.equal((await caught(() => task)).reason, 'during', notation)
          assert.deepEqual(log, ['in the turn'], notation)
        }
      }))
  }
})

describe('until', { timeout: 30_000 }, () => {
  test('gives value and error of the promise as they are', () =>
    run(async () => {
      const mine = new Error('mine')
      assert.equal(await until(Promise.resolve('value')), 'value')
      assert.equal(await caught(() => until(Promise.reject(mine))), mine)
      assert.equal(await caught(() => until(Promise.reject(undefined))), undefined)
      await createTask(function* () {
        assert.equal(yield* until(Promise.resolve(1)), 1)
        try {
          yield* until(Promise.reject(mine))
          assert.fail('not reached')
        } catch (error) {
          assert.equal(error, mine)
        }
      })
    }))

  test('takes any thenable', () =>
    run(async () => {
      const method = 'then'
      const thenable = {
        [method]: (onFulfilled: (value: string) => void) => {
          setTimeout(() => onFulfilled('thenable'), 1)
        },
      } as unknown as PromiseLike<string>
      assert.equal(await until(thenable), 'thenable')
    }))

  test('asks a promise once, however many wait on it and are cut, and tells all who are left', () =>
    run(async () => {
      const gate = deferred<string>()
      let asked = 0
      const promise: PromiseLike<string> = {
        then: (...reactions) => {
          asked += 1
          return gate.promise.then(...reactions)
        },
      }
      const tasks = Array.from({ length: 100 }, () => createTask(() => until(promise)))
      await checkpoint()
      for (const task of tasks.slice(2)) task.cancel()
      await gather(tasks.slice(2), { returnExceptions: true })
      assert.equal(asked, 1)
      gate.resolve('value')
      assert.deepEqual(await gather(tasks.slice(0, 2)), ['value', 'value'])
      assert.equal(await until(promise), 'value', 'also later')
    }))

  test('on the task itself is the mistake that awaiting it is', () =>
    run(async () => {
      const task: Task<void> = createTask(async () => {
        await checkpoint()
        await until(task)
      })
      holds((await caught(() => task)) instanceof InvalidStateError)
    }))

  test('is cut by a cancel; the promise goes on, and its late failure is no unhandled rejection', () =>
    run(async () => {
      const foreign = deferred<never>()
      const task = createTask(() => until(foreign.promise))
      await sleep(1)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      foreign.reject(new Error('too late for anybody'))
      await new Promise((resolve) => setImmediate(resolve))
      const late = deferred<string>()
      const other = createTask(() => until(late.promise))
      await sleep(1)
      other.cancel()
      await caught(() => other)
      late.resolve('value')
      assert.equal(await late.promise, 'value')
    }))
})

test('signal and waits agree about what is cancelled', { timeout: 30_000 }, () =>
  run(async () => {
    const task = createTask(async () => {
      const s = signal()
      assert.equal(s.aborted, false)
      currentTask()!.cancel('agreed')
      assert.equal(s.aborted, true)
      assert.equal(signal().aborted, true)
      await sleep(0)
    })
    assert.equal((await caught(() => task)).reason, 'agreed')
  }),
)
