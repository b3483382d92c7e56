import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  checkCancelled,
  checkpoint,
  createTask,
  currentTask,
  gather,
  InvalidStateError,
  isCancelled,
  run,
  shield,
  sleep,
  type Task,
  TimeoutError,
  timeout,
  until,
} from 'plait/asyncio'
import { caught, INVALID_ARGUMENT } from './caught.ts'
import { holds } from './holds.ts'

/** Keeps the thread busy, so that a deadline passes without the loop seeing it. */
function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

type Scope = Parameters<Parameters<typeof timeout>[1]>[0]

describe('timeout', { timeout: 30_000 }, () => {
  test('a body that is faster gives its result', () =>
    run(async () => {
      let scope: Scope | undefined
      const result = await timeout('1h', async (t) => {
        scope = t
        assert.equal(t.expired(), false)
        return await sleep(1, 'result')
      })
      assert.equal(result, 'result')
      assert.equal(scope!.expired(), false)
      await checkpoint()
    }))

  test('a body that is slower: CancelledError inside, TimeoutError outside', () =>
    run(async () => {
      let scope: Scope | undefined
      let inside: unknown
      const error = await caught(() =>
        timeout(2, async (t) => {
          scope = t
          inside = await caught(() => sleep('1h'))
          throw inside
        }),
      )
      holds(isCancelled(inside))
      holds(error instanceof TimeoutError)
      assert.equal(error.code, 'PLAIT_TIMEOUT')
      assert.equal(error.name, 'TimeoutError')
      holds(isCancelled(error.cause), 'its cause is the CancelledError')
      assert.equal(scope!.expired(), true)
    }))

  test('the task goes on afterwards: no later wait throws', () =>
    run(async () => {
      for (let i = 0; i < 3; i++) {
        holds((await caught(() => timeout(1, () => sleep('1h')))) instanceof TimeoutError)
        checkCancelled()
        assert.equal(await sleep(1, i), i)
        assert.equal(currentTask()!.cancelling(), false)
      }
    }))

  test('takes generators, plain functions and durations with units', () =>
    run(async () => {
      assert.equal(await timeout('1s', () => 'plain'), 'plain')
      assert.equal(
        await timeout('0.5m', function* () {
          return yield* sleep(1, 'fiber')
        }),
        'fiber',
      )
      holds(
        (await caught(() =>
          timeout('2ms', function* () {
            yield* sleep('1h')
          }),
        )) instanceof TimeoutError,
      )
    }))

  test('wrong arguments are refused before the body starts', () =>
    run(async () => {
      let started = false
      const body = () => {
        started = true
      }
      for (const wrong of [Number.NaN, 'soon', undefined, {}]) {
        await assert.rejects(async () => await timeout(wrong as never, body), INVALID_ARGUMENT)
      }
      await assert.rejects(async () => await timeout(5, 'body' as never), INVALID_ARGUMENT)
      assert.equal(started, false)
    }))

  test('null never fires, and when() is null', () =>
    run(async () => {
      const result = await timeout(null, async (t) => {
        assert.equal(t.when(), null)
        await sleep(3)
        assert.equal(t.expired(), false)
        return 'no limit'
      })
      assert.equal(result, 'no limit')
    }))

  test('very long ones do not fire at once', () =>
    run(async () => {
      for (const delay of [Infinity, 2 ** 31, '100000h'] as const) {
        assert.equal(await timeout(delay, () => sleep(3, 'fine')), 'fine')
      }
    }))

  test('0 and negative ones let the body run to its first wait', () =>
    run(async () => {
      for (const delay of [0, -11, '0s', -Infinity] as const) {
        const log: string[] = []
        const error = await caught(() =>
          timeout(delay, async () => {
            log.push('started')
            await sleep(0)
            await sleep(0)
            await sleep(5)
            log.push('not reached')
          }),
        )
        holds(error instanceof TimeoutError)
        assert.deepEqual(log, ['started'])
      }
      assert.equal(await timeout(0, () => 'never waits'), 'never waits')
    }))

  test("the body's own error passes as it is, before and after the deadline", () =>
    run(async () => {
      for (const mine of [new RangeError('mine'), undefined, null]) {
        assert.equal(
          await caught(() =>
            timeout('1h', async () => {
              throw mine
            }),
          ),
          mine,
        )
        assert.equal(
          await caught(() =>
            timeout(1, async (t) => {
              try {
                await sleep('1h')
              } catch {
                assert.equal(t.expired(), true)
                throw mine
              }
            }),
          ),
          mine,
        )
      }
      await sleep(1)
    }))

  test('a body that swallows the expiry and returns keeps its result', () =>
    run(async () => {
      let scope: Scope | undefined
      const result = await timeout(1, async (t) => {
        scope = t
        await caught(() => sleep('1h'))
        return 'swallowed'
      })
      assert.equal(result, 'swallowed')
      assert.equal(scope!.expired(), true)
      await sleep(1)
    }))

  test('a retry loop that catches everything cannot survive it', () =>
    run(async () => {
      let attempts = 0
      const error = await caught(() =>
        timeout('20ms', async () => {
          for (;;) {
            try {
              attempts++
              await sleep(1)
              throw new Error('try again')
            } catch {
              // Whatever it was.
            }
            await sleep(1)
          }
        }),
      )
      holds(error instanceof TimeoutError)
      holds(attempts >= 1)
      const again = await caught(() =>
        timeout('20ms', function* () {
          for (;;) {
            try {
              yield* sleep(1)
              throw new Error('try again')
            } catch {
              // Whatever it was.
            }
            yield* sleep(1)
          }
        }),
      )
      holds(again instanceof TimeoutError)
    }))

  test('waits for the cleanup of the body before it throws', () =>
    run(async () => {
      const log: string[] = []
      await caught(() =>
        timeout(1, async () => {
          try {
            await sleep('1h')
          } finally {
            await shield(() => sleep(5))
            log.push('cleaned')
          }
        }),
      )
      assert.deepEqual(log, ['cleaned'])
    }))

  test('another timeout in the cleanup works on its own', () =>
    run(async () => {
      let inner: unknown
      const error = await caught(() =>
        timeout(1, async () => {
          try {
            await sleep('1h')
          } finally {
            inner = await caught(() => shield(() => timeout(1, () => sleep('1h'))))
          }
        }),
      )
      holds(error instanceof TimeoutError)
      holds(inner instanceof TimeoutError)
      assert.notEqual(inner, error)
    }))

  test('interrupts a wait on a foreign promise by until, and children of gather', () =>
    run(async () => {
      holds((await caught(() => timeout(1, () => until(new Promise(() => {}))))) instanceof TimeoutError)
      const log: string[] = []
      const error = await caught(() =>
        timeout(2, () =>
          gather(
            async () => {
              try {
                await sleep('1h')
              } finally {
                log.push('child')
              }
            },
            () => 1,
          ),
        ),
      )
      holds(error instanceof TimeoutError)
      assert.deepEqual(log, ['child'])
    }))

  test('does not cancel a task made by createTask inside', () =>
    run(async () => {
      let task: Task<string> | undefined
      await caught(() =>
        timeout(1, async () => {
          task = createTask(() => sleep(10, 'goes on'))
          await sleep('1h')
        }),
      )
      assert.equal(await task, 'goes on')
    }))

  test('a thousand inside each other, and a thousand beside each other', () =>
    run(async () => {
      const nest = async (depth: number): Promise<void> => {
        await checkpoint()
        if (depth === 0) await sleep('1h')
        else await timeout('1h', () => nest(depth - 1))
      }
      holds((await caught(() => timeout(100, () => nest(1_000)))) instanceof TimeoutError)
      const errors = await gather(
        Array.from({ length: 1_000 }, () => () => timeout(3, () => sleep('1h'))),
        { returnExceptions: true },
      )
      for (const error of errors) holds((error as unknown) instanceof TimeoutError)
    }))
})

describe('timeout › nested', { timeout: 30_000 }, () => {
  test('the outer one expires first: it throws, the inner one does not', () =>
    run(async () => {
      let inner: Scope | undefined
      let between: unknown
      const error = await caught(() =>
        timeout(2, async () => {
          between = await caught(() =>
            timeout('1h', async (t) => {
              inner = t
              await sleep('1h')
            }),
          )
          throw between
        }),
      )
      holds(error instanceof TimeoutError)
      holds(isCancelled(between))
      assert.equal(inner!.expired(), false)
    }))

  test('the inner one expires first: it throws, and the outer one is intact', () =>
    run(async () => {
      const result = await timeout('1h', async (outer) => {
        holds((await caught(() => timeout(1, () => sleep('1h')))) instanceof TimeoutError)
        assert.equal(outer.expired(), false)
        return await sleep(1, 'goes on')
      })
      assert.equal(result, 'goes on')
    }))

  test('both expired: only the outermost throws', () =>
    run(async () => {
      let between: unknown
      const scopes: Scope[] = []
      const error = await caught(() =>
        timeout(2, async (outer) => {
          try {
            await timeout(1, async (inner) => {
              scopes.push(outer, inner)
              block(15)
              await sleep('1h')
            })
          } catch (thrown) {
            between = thrown
            throw thrown
          }
        }),
      )
      holds(error instanceof TimeoutError)
      holds(isCancelled(between), `between the two: ${between}`)
      assert.deepEqual(
        scopes.map((scope) => scope.expired()),
        [true, true],
      )
    }))

  test('the outer one expires during the cleanup of the inner one: only the outermost throws', () =>
    run(async () => {
      let between: unknown
      const error = await caught(() =>
        timeout(10, async () => {
          try {
            await timeout(1, async () => {
              try {
                await sleep('1h')
              } finally {
                await shield(() => sleep(40))
              }
            })
          } catch (thrown) {
            between = thrown
            throw thrown
          }
        }),
      )
      holds(error instanceof TimeoutError)
      holds(isCancelled(between), `between the two: ${between}`)
    }))
})

describe('timeout › reschedule', { timeout: 30_000 }, () => {
  test('when() is a point in time that moves with it', () =>
    run(async () => {
      await timeout('1h', async (t) => {
        const first = t.when()
        assert.equal(typeof first, 'number')
        holds(Number.isFinite(first))
        t.reschedule('2h')
        holds(t.when()! > first!)
        t.reschedule('1m')
        holds(t.when()! < first!)
        t.reschedule(null)
        assert.equal(t.when(), null)
        assert.equal(t.expired(), false)
      })
    }))

  test('to later saves the body', () =>
    run(async () => {
      const result = await timeout(5, async (t) => {
        t.reschedule('1h')
        await sleep(15)
        return 'saved'
      })
      assert.equal(result, 'saved')
    }))

  test('to sooner, from null, and to 0 ends it', () =>
    run(async () => {
      for (const [from, to] of [
        ['1h', 1],
        [null, 1],
        ['1h', 0],
        [null, -5],
      ] as const) {
        const error = await caught(() =>
          timeout(from, async (t) => {
            t.reschedule(to)
            await sleep('1h')
          }),
        )
        holds(error instanceof TimeoutError)
      }
    }))

  test('from outside of the task, while it waits', () =>
    run(async () => {
      const error = await caught(() =>
        timeout(null, async (t) => {
          setTimeout(() => t.reschedule(1), 1)
          await sleep('1h')
        }),
      )
      holds(error instanceof TimeoutError)
    }))

  test('to null takes the limit away', () =>
    run(async () => {
      assert.equal(
        await timeout(3, async (t) => {
          t.reschedule(null)
          return await sleep(15, 'no limit')
        }),
        'no limit',
      )
    }))

  test('after expiry and after the end it is InvalidStateError', () =>
    run(async () => {
      let scope: Scope | undefined
      await timeout('1h', (t) => {
        scope = t
      })
      assert.throws(() => scope!.reschedule(5), InvalidStateError)
      await caught(() =>
        timeout(1, async (t) => {
          scope = t
          const error = await caught(() => sleep('1h'))
          assert.equal(t.expired(), true)
          assert.throws(() => t.reschedule('1h'), InvalidStateError)
          throw error
        }),
      )
      assert.throws(() => scope!.reschedule(null), InvalidStateError)
      assert.equal(scope!.expired(), true)
    }))

  test('to nonsense is a wrong argument', () =>
    run(async () => {
      await timeout('1h', (t) => {
        assert.throws(() => t.reschedule(Number.NaN), INVALID_ARGUMENT)
        assert.throws(() => t.reschedule('later' as never), INVALID_ARGUMENT)
      })
    }))
})

describe('timeout › cancelled from outside', { timeout: 30_000 }, () => {
  test('CancelledError, and it has not expired', () =>
    run(async () => {
      let scope: Scope | undefined
      const task = createTask(() =>
        timeout('1h', async (t) => {
          scope = t
          await sleep('1h')
        }),
      )
      await sleep(1)
      task.cancel('outside')
      const error = await caught(() => task)
      holds(isCancelled(error))
      assert.equal(error.reason, 'outside')
      assert.equal(scope!.expired(), false)
      assert.equal(task.cancelled(), true)
    }))

  test('and expired as well: CancelledError wins, whichever was first', () =>
    run(async () => {
      for (const first of ['cancel', 'deadline']) {
        const log: string[] = []
        const task: Task<void> = createTask(async () => {
          try {
            await timeout(5, async () => {
              if (first === 'cancel') task.cancel('outside')
              block(10)
              try {
                await sleep('1h')
              } finally {
                if (first === 'deadline') task.cancel('outside')
              }
            })
          } catch (error) {
            log.push(isCancelled(error) ? 'cancelled' : `${error}`)
            throw error
          }
        })
        holds(isCancelled(await caught(() => task)), first)
        assert.equal(task.cancelled(), true)
        assert.deepEqual(log, ['cancelled'], first)
      }
    }))

  test('a task that cancels itself inside gets CancelledError', () =>
    run(async () => {
      const task = createTask(() =>
        timeout('1h', async () => {
          currentTask()!.cancel('myself')
          await sleep(1)
        }),
      )
      assert.equal((await caught(() => task)).reason, 'myself')
      assert.equal(task.cancelled(), true)
    }))

  test('the CancelledError of another task that escapes is not taken for the expiry', () =>
    run(async () => {
      const other = createTask(() => sleep('1h'))
      other.cancel('other')
      const error = await caught(() =>
        timeout('1h', async () => {
          await other
        }),
      )
      holds(isCancelled(error))
      assert.equal(error.task, other)
    }))

  test('in a task already cancelled: its first wait throws CancelledError', () =>
    run(async () => {
      const task = createTask(async () => {
        await caught(() => sleep('1h'))
        await timeout('1h', () => sleep(0))
      })
      await sleep(1)
      task.cancel('before')
      assert.equal((await caught(() => task)).reason, 'before')
      assert.equal(task.cancelled(), true)
    }))
})
