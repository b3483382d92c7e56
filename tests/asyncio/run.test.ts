import assert from 'node:assert/strict'
import { AsyncResource } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { describe, test } from 'node:test'
import {
  CancelledError,
  checkpoint,
  createTask,
  currentTask,
  InvalidStateError,
  isCancelled,
  type OnUnhandled,
  run,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  until,
} from 'plait/asyncio'
import { caught, INVALID_ARGUMENT } from './caught.ts'
import { deferred } from './deferred.ts'
import { holds } from './holds.ts'

interface Report {
  error: unknown
  /** Missing if the task has been collected already. */
  task: Task<unknown> | undefined
}

/** Collects what `run` reports instead of printing it. */
function reports(): { list: Report[]; onUnhandled: OnUnhandled } {
  const list: Report[] = []
  return { list, onUnhandled: (error, task) => list.push({ error, task }) }
}

describe('run', { timeout: 30_000 }, () => {
  test('gives the result of an async main, a plain one and a generator', async () => {
    assert.equal(await run(async () => 1), 1)
    assert.equal(await run(() => 2), 2)
    assert.equal(await run(() => Promise.resolve(3)), 3)
    assert.equal(
      await run(function* () {
        yield* sleep(1)
        return 4
      }),
      4,
    )
    assert.equal(await run(async () => undefined), undefined)
  })

  test('returns a real promise', async () => {
    const promise = run(async () => 1)
    holds(promise instanceof Promise)
    await promise
  })

  test("fails with main's own error, not a wrapped one", async () => {
    for (const thrown of [new RangeError('mine'), undefined, null, 0, 'text']) {
      assert.equal(
        await caught(() =>
          run(async () => {
            throw thrown
          }),
        ),
        thrown,
      )
      assert.equal(
        await caught(() =>
          run(() => {
            throw thrown
          }),
        ),
        thrown,
      )
      assert.equal(
        await caught(() =>
          run(function* () {
            yield* sleep(0)
            throw thrown
          }),
        ),
        thrown,
      )
    }
  })

  test('a main that is not a function is a wrong argument', async () => {
    for (const wrong of [undefined, null, 5, 'main', {}, Promise.resolve()]) {
      await assert.rejects(async () => run(wrong as never), INVALID_ARGUMENT)
    }
  })

  test('names the root task as asked', async () => {
    assert.equal(await run(async () => currentTask()!.name, { name: 'root of all' }), 'root of all')
  })

  test('a task that is alive when main ends is cancelled, and its cleanup awaited', async () => {
    const log: string[] = []
    let left: Task<void> | undefined
    const result = await run(async () => {
      left = createTask(async () => {
        try {
          await sleep('1h')
        } finally {
          await shield(async () => {
            await sleep(5)
            log.push('cleaned')
          })
        }
      })
      await sleep(1)
      log.push('main ends')
      return 'result'
    })
    assert.equal(result, 'result')
    assert.deepEqual(log, ['main ends', 'cleaned'])
    assert.equal(left!.cancelled(), true)
  })

  test('a task created just before main ends still starts, and is cancelled at its first wait', async () => {
    const log: string[] = []
    await run(async () => {
      createTask(async () => {
        log.push('started')
        await sleep('1h')
        log.push('not reached')
      })
    })
    assert.deepEqual(log, ['started'])
  })

  test('tasks that a cleanup creates have ended too when run returns', async () => {
    const log: string[] = []
    await run(async () => {
      createTask(async () => {
        try {
          await sleep('1h')
        } finally {
          createTask(async () => {
            try {
              log.push('late task started')
              await sleep('1h')
            } finally {
              log.push('late task ended')
            }
          })
        }
      })
      await sleep(1)
    })
    assert.deepEqual(log, ['late task started', 'late task ended'])
  })

  test('tasks are cancelled and awaited also when main fails', async () => {
    const log: string[] = []
    const mine = new Error('main failed')
    const error = await caught(() =>
      run(async () => {
        createTask(async () => {
          try {
            await sleep('1h')
          } finally {
            log.push('cleaned')
          }
        })
        await sleep(1)
        throw mine
      }),
    )
    assert.equal(error, mine)
    assert.deepEqual(log, ['cleaned'])
  })

  test('a cleanup that fails after main has ended is reported once and changes no result', async () => {
    const { list, onUnhandled } = reports()
    const broken = new Error('cleanup broke')
    const result = await run(
      async () => {
        createTask(
          async () => {
            try {
              await sleep('1h')
            } catch {
              throw broken
            }
          },
          { name: 'breaks while cleaning' },
        )
        await sleep(1)
        return 'fine'
      },
      { onUnhandled },
    )
    assert.equal(result, 'fine')
    assert.deepEqual(
      list.map(({ error, task }) => [error, task!.name]),
      [[broken, 'breaks while cleaning']],
    )
  })

  test('a failure nobody looked at is reported once, with its task', async () => {
    const { list, onUnhandled } = reports()
    const lost = new Error('lost')
    await run(
      async () => {
        createTask(
          async () => {
            throw lost
          },
          { name: 'loser' },
        )
        await sleep(2)
      },
      { onUnhandled },
    )
    assert.equal(list.length, 1)
    assert.equal(list[0]!.error, lost)
    assert.equal(list[0]!.task!.name, 'loser')
    assert.equal(list[0]!.task!.exception(), lost)
  })

  test('every failure is reported, the falsy ones too', async () => {
    const { list, onUnhandled } = reports()
    await run(
      async () => {
        for (const thrown of [undefined, null, 0, '']) {
          createTask(async () => {
            throw thrown
          })
        }
        await sleep(1)
      },
      { onUnhandled },
    )
    assert.deepEqual(
      list.map(({ error }) => error),
      [undefined, null, 0, ''],
    )
  })

  test('a failure that was looked at is not reported', async () => {
    const looks: [string, (task: Task<never>) => unknown][] = [
      ['await', (task) => caught(() => task)],
      ['catch', (task) => task.catch(() => {})],
      ['then', (task) => task.then(undefined, () => {})],
      [
        'exception()',
        async (task) => {
          while (!task.done()) await checkpoint()
          task.exception()
        },
      ],
      [
        'result()',
        async (task) => {
          while (!task.done()) await checkpoint()
          assert.throws(() => task.result())
        },
      ],
    ]
    for (const [way, look] of looks) {
      const { list, onUnhandled } = reports()
      await run(
        async () => {
          const task = createTask(async (): Promise<never> => {
            await sleep(1)
            throw new Error('seen')
          })
          await look(task)
          await sleep(1)
        },
        { onUnhandled },
      )
      assert.deepEqual(list, [], way)
    }
  })

  test('a cancelled task that nobody looks at is no failure', async () => {
    const { list, onUnhandled } = reports()
    await run(
      async () => {
        createTask(() => sleep('1h')).cancel('not needed')
        await sleep(1)
      },
      { onUnhandled },
    )
    assert.deepEqual(list, [])
  })

  test("main's own failure is thrown, not reported", async () => {
    const { list, onUnhandled } = reports()
    await caught(() =>
      run(
        async () => {
          throw new Error('thrown')
        },
        { onUnhandled },
      ),
    )
    assert.deepEqual(list, [])
  })
})

describe('run › signal', { timeout: 30_000 }, () => {
  test('an abort cancels main with its reason, and waits for the cleanup', async () => {
    const controller = new AbortController()
    const reason = new Error('shutting down')
    const log: string[] = []
    const running = run(
      async () => {
        try {
          await sleep('1h')
        } finally {
          await shield(() => sleep(3))
          log.push('cleaned')
        }
      },
      { signal: controller.signal },
    )
    setTimeout(() => controller.abort(reason), 3)
    const error = await caught(() => running)
    holds(isCancelled(error))
    assert.equal(error.reason, reason)
    assert.deepEqual(log, ['cleaned'])
  })

  test('a signal aborted beforehand still lets main run to its first wait', async () => {
    const log: string[] = []
    const error = await caught(() =>
      run(
        async () => {
          log.push('started')
          await sleep(0)
          log.push('not reached')
        },
        { signal: AbortSignal.abort('too late') },
      ),
    )
    holds(isCancelled(error))
    assert.equal(error.reason, 'too late')
    assert.deepEqual(log, ['started'])
  })

  test('a main that swallows the abort and returns has a result', async () => {
    const controller = new AbortController()
    const running = run(
      async () => {
        try {
          await sleep('1h')
        } catch {
          return 'survived'
        }
        return 'slept'
      },
      { signal: controller.signal },
    )
    setTimeout(() => controller.abort(), 1)
    assert.equal(await running, 'survived')
  })

  test('the tasks of the run go down with main', async () => {
    const controller = new AbortController()
    let task: Task<void> | undefined
    const running = run(
      async () => {
        task = createTask(() => sleep('1h'))
        await sleep('1h')
      },
      { signal: controller.signal },
    )
    setTimeout(() => controller.abort(), 1)
    await caught(() => running)
    assert.equal(task!.cancelled(), true)
  })

  test('an abort after the end does nothing, and the listener is gone', async () => {
    const controller = new AbortController()
    assert.equal(await run(async () => 1, { signal: controller.signal }), 1)
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
    controller.abort()
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('run › in a run', { timeout: 30_000 }, () => {
  test('gives its result and its error to the task that started it', async () => {
    const mine = new Error('inner')
    await run(async () => {
      assert.equal(await run(async () => 'inner'), 'inner')
      assert.equal(
        await caught(() =>
          run(async () => {
            throw mine
          }),
        ),
        mine,
      )
    })
  })

  test('is cancelled with the task that started it, which waits for its cleanup', async () => {
    const log: string[] = []
    await run(async () => {
      const task = createTask(async () => {
        await run(async () => {
          try {
            await sleep('1h')
          } finally {
            await shield(() => sleep(3))
            log.push('inner cleaned')
          }
        })
      })
      await sleep(2)
      task.cancel('enough')
      const error = await caught(() => task)
      holds(isCancelled(error))
      assert.equal(error.reason, 'enough')
      assert.equal(
        task.cancelled(),
        true,
        'it ended by its own cancellation, which the inner run got from it',
      )
      assert.deepEqual(log, ['inner cleaned'])
    })
  })

  test('that is cancelled by its own signal has failed for the task around', async () => {
    await run(async () => {
      const controller = new AbortController()
      const task = createTask(() => run(() => sleep('1h'), { signal: controller.signal }))
      await sleep(1)
      controller.abort('inner only')
      const error = await caught(() => task)
      holds(isCancelled(error))
      assert.equal(error.reason, 'inner only')
      assert.equal(task.cancelled(), false)
    })
  })

  test('ends its own tasks when its own main ends, and leaves those of the run around alone', async () => {
    await run(async () => {
      const gate = deferred<string>()
      const outer = createTask(() => until(gate.promise))
      let inner: Task<void> | undefined
      await run(async () => {
        inner = createTask(() => sleep('1h'))
        await sleep(1)
      })
      assert.equal(inner!.cancelled(), true)
      assert.equal(outer.done(), false)
      gate.resolve('outer')
      assert.equal(await outer, 'outer')
    })
  })

  test('is waited for by the run around it even if nobody awaits it', async () => {
    const log: string[] = []
    await run(async () => {
      void run(async () => {
        try {
          await sleep('1h')
        } finally {
          log.push('inner ended')
        }
      }).catch(() => {})
      await sleep(1)
    })
    assert.deepEqual(log, ['inner ended'])
  })

  test('that has ended and whose task was cancelled, in a late callback, is a run of its own', async () => {
    let late: AsyncResource | undefined
    await run(async () => {
      createTask(async () => {
        late = new AsyncResource('late')
        await sleep('1h')
      })
      await sleep(0)
    })
    assert.equal(await late!.runInAsyncScope(() => run(() => sleep(1, 'fine'))), 'fine')
  })

  test('waits and blocks that nobody awaited end with the run, also those begun when main is over', async () => {
    const log: unknown[] = []
    const gate = deferred()
    const stray = async (name: string, body: () => PromiseLike<unknown>) => {
      try {
        await body()
      } catch (error) {
        log.push([name, isCancelled(error)])
      }
    }
    await run(async () => {
      createTask(async () => {
        try {
          await sleep('1h')
        } finally {
          gate.resolve()
          await shield(() => sleep(5))
        }
      })
      await sleep(0)
      void stray('wait', () => sleep('1h'))
      void gate.promise.then(() => stray('late wait', () => sleep('1h')))
      void gate.promise.then(() => stray('late block', () => timeout('1h', () => sleep('1h'))))
    })
    assert.deepEqual(log.sort(), [
      ['late block', true],
      ['late wait', true],
      ['wait', true],
    ])
  })

  test('currentTask is the inner root inside, and the outer task again after it', async () => {
    await run(
      async () => {
        await run(
          async () => {
            await sleep(1)
            assert.equal(currentTask()!.name, 'inner')
          },
          { name: 'inner' },
        )
        assert.equal(currentTask()!.name, 'outer')
      },
      { name: 'outer' },
    )
  })
})

describe('run › several at once', { timeout: 30_000 }, () => {
  test('run interleaved, each with its own tasks, and fail on their own', async () => {
    const log: string[] = []
    const failing = run(async () => {
      createTask(async () => {
        try {
          await sleep('1h')
        } finally {
          log.push('a: task ended')
        }
      })
      await sleep(1)
      throw new Error('only a')
    })
    const fine = run(async () => {
      const task = createTask(() => sleep(20, 'b: task'))
      await caught(() => until(failing))
      log.push('b: saw it')
      return await task
    })
    assert.equal((await caught(() => failing)).message, 'only a')
    assert.equal(await fine, 'b: task')
    assert.deepEqual(log, ['a: task ended', 'b: saw it'])
  })

  test('two hundred of them keep their results apart and leave no listener behind', async () => {
    const before = process.listenerCount('SIGINT')
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        run(async () => {
          await sleep(i % 3)
          const task = createTask(() => sleep(0, i))
          return await task
        }),
      ),
    )
    assert.deepEqual(
      results,
      Array.from({ length: 200 }, (_, i) => i),
    )
    assert.equal(process.listenerCount('SIGINT'), before)
  })
})

describe('run › outside of it', { timeout: 30_000 }, () => {
  test('createTask throws InvalidStateError and never starts the coroutine', () => {
    let started = false
    assert.throws(
      () =>
        createTask(async () => {
          started = true
        }),
      { code: 'PLAIT_INVALID_STATE' },
    )
    assert.equal(started, false)
    assert.equal(currentTask(), undefined)
  })

  test('createTask in a callback that fires after the run has ended throws InvalidStateError', async () => {
    const fired = deferred<unknown>()
    await run(async () => {
      setTimeout(() => {
        try {
          createTask(async () => {})
          fired.resolve(undefined)
        } catch (error) {
          fired.resolve(error)
        }
      }, 10)
    })
    holds((await fired.promise) instanceof InvalidStateError)
  })

  test('createTask in a callback of a task belongs to the run of that task', async () => {
    await run(async () => {
      const made = deferred<Task<string>>()
      setTimeout(() => made.resolve(createTask(() => sleep(1, 'from a timer'), { name: 'made' })), 1)
      // A promise that is resolved with a thenable waits for it: it settles with the value of the task.
      assert.equal(await until(made.promise), 'from a timer')
    })
  })

  test('a task can be cancelled and read from outside of every run', async () => {
    const got = deferred<{ task: Task<void> }>()
    const running = run(async () => {
      const task = createTask(() => sleep('1h'))
      got.resolve({ task })
      const error = await caught(() => task)
      holds(error instanceof CancelledError)
      assert.equal(error.reason, 'from outside')
    })
    const { task } = await got.promise
    assert.equal(task.done(), false)
    assert.equal(task.cancel('from outside'), true)
    await running
    assert.equal(task.cancelled(), true)
  })

  test('a group can be given children from outside of every run', async () => {
    const ready = deferred<(value: string) => void>()
    const results: string[] = []
    const running = run(() =>
      taskGroup(async (tg) => {
        ready.resolve((value) => {
          tg.createTask(async () => {
            await sleep(1)
            results.push(value)
          })
        })
        await sleep(10)
      }),
    )
    const add = await ready.promise
    add('x')
    add('y')
    await running
    assert.deepEqual(results, ['x', 'y'])
  })
})
