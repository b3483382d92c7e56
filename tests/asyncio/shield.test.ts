import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  checkCancelled,
  checkpoint,
  createTask,
  currentTask,
  gather,
  isCancelled,
  run,
  shield,
  sleep,
  type Task,
  TimeoutError,
  taskGroup,
  timeout,
  until,
} from 'plait/asyncio'
import { caught, INVALID_ARGUMENT } from './caught.ts'
import { holds } from './holds.ts'

describe('shield', { timeout: 30_000 }, () => {
  test('gives the result or the error of its body, in every notation', () =>
    run(async () => {
      const mine = new Error('mine')
      assert.equal(await shield(async () => 'async'), 'async')
      assert.equal(await shield(() => 'plain'), 'plain')
      assert.equal(
        await shield(function* () {
          return yield* sleep(1, 'fiber')
        }),
        'fiber',
      )
      assert.equal(
        await caught(() =>
          shield(async () => {
            throw mine
          }),
        ),
        mine,
      )
      await assert.rejects(async () => await shield(5 as never), INVALID_ARGUMENT)
    }))

  test('runs its body in the task that called it', () =>
    run(async () => {
      const me = currentTask()
      await shield(async () => {
        await sleep(1)
        assert.equal(currentTask(), me)
      })
    }))

  test('cancelled meanwhile: the body runs to its end, its result is given, the cancel comes at the next wait', () =>
    run(async () => {
      for (const notation of ['async', 'fiber']) {
        const log: string[] = []
        const body = async () => {
          await sleep(4)
          await checkpoint()
          checkCancelled()
          log.push('body ended')
          return 'result'
        }
        const task =
          notation === 'async'
            ? createTask(async () => {
                log.push(await shield(body))
                await sleep(0)
                log.push('not reached')
              })
            : createTask(function* () {
                log.push(
                  yield* shield(function* () {
                    yield* sleep(4)
                    yield* checkpoint()
                    checkCancelled()
                    log.push('body ended')
                    return 'result'
                  }),
                )
                yield* sleep(0)
                log.push('not reached')
              })
        await sleep(1)
        task.cancel('meanwhile')
        assert.equal(task.cancelling(), true)
        assert.equal((await caught(() => task)).reason, 'meanwhile')
        assert.equal(task.cancelled(), true)
        assert.deepEqual(log, ['body ended', 'result'], notation)
      }
    }))

  test('cancelled before: the body runs to its end all the same', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        currentTask()!.cancel('before')
        log.push(
          await shield(async () => {
            await sleep(3)
            return 'shielded'
          }),
        )
        assert.throws(() => checkCancelled(), isCancelled)
        await sleep(0)
        log.push('not reached')
      })
      assert.equal((await caught(() => task)).reason, 'before')
      assert.deepEqual(log, ['shielded'])
    }))

  test('a cancelled task that returns right after its shield has its result', () =>
    run(async () => {
      const task = createTask(async () => await shield(() => sleep(3, 'result')))
      await sleep(1)
      task.cancel()
      assert.equal(await task, 'result')
      assert.equal(task.cancelled(), false)
    }))

  test('in cleanups: one after the other, also nested in each other', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        try {
          await sleep('1h')
        } finally {
          await shield(async () => {
            await sleep(1)
            await shield(() => sleep(1))
            await sleep(1)
            log.push('first')
          })
          await shield(async () => {
            await sleep(1)
            log.push('second')
          })
          await caught(() => sleep(1))
          await shield(() => log.push('third'))
        }
      })
      await sleep(1)
      task.cancel()
      await caught(() => task)
      assert.equal(task.cancelled(), true)
      assert.deepEqual(log, ['first', 'second', 'third'])
    }))

  test('groups, gathers and waits on promises inside are shielded too', () =>
    run(async () => {
      const log: unknown[] = []
      const task = createTask(async () => {
        await shield(async () => {
          await taskGroup((tg) => {
            tg.createTask(async () => {
              await sleep(5)
              log.push('child')
            })
          })
          log.push(await gather(() => sleep(2, 'gathered'), Promise.resolve('promise')))
          log.push(await until(new Promise((resolve) => setTimeout(resolve, 2, 'foreign'))))
        })
        await checkpoint()
        log.push('not reached')
      })
      await sleep(1)
      task.cancel()
      await caught(() => task)
      assert.deepEqual(log, ['child', ['gathered', 'promise'], 'foreign'])
    }))

  test('a timeout inside still works, and one around does not', () =>
    run(async () => {
      let inside: unknown
      const outside = await caught(() =>
        timeout(1, async () => {
          inside = await shield(() => caught(() => timeout(5, () => sleep('1h'))))
          await sleep(0)
        }),
      )
      holds(inside instanceof TimeoutError)
      holds(outside instanceof TimeoutError)
    }))

  test('a timeout around whose body was nothing but a shield gives its result', () =>
    run(async () => {
      assert.equal(await timeout(1, () => shield(() => sleep(10, 'late but whole'))), 'late but whole')
    }))

  test('a group inside a shield can still be cancelled by itself', () =>
    run(async () => {
      await shield(() =>
        taskGroup(async (tg) => {
          tg.createTask(() => sleep('1h'))
          await sleep(1)
          tg.cancel()
          await sleep('1h')
        }),
      )
    }))

  test('an error inside wins over the cancel; the cancel comes at the next wait', () =>
    run(async () => {
      const mine = new Error('mine')
      const log: unknown[] = []
      const task = createTask(async () => {
        log.push(
          await caught(() =>
            shield(async () => {
              await sleep(3)
              throw mine
            }),
          ),
        )
        await sleep(0)
        log.push('not reached')
      })
      await sleep(1)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      assert.deepEqual(log, [mine])
    }))

  test('protects only its own body: another part of the same task is cut', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        await Promise.all([
          (async () => {
            await caught(() => sleep('1h'))
            log.push('unshielded cut')
          })(),
          (async () => {
            await shield(() => sleep(8))
            log.push('shielded ended')
          })(),
        ])
      })
      await sleep(1)
      task.cancel()
      await task
      assert.deepEqual(log, ['unshielded cut', 'shielded ended'])
    }))

  test('holds against the end of the run: it waits', async () => {
    const log: string[] = []
    let left: Task<void> | undefined
    await run(async () => {
      left = createTask(async () => {
        await shield(async () => {
          await sleep(8)
          log.push('shielded to the end')
        })
        await sleep(0)
        log.push('not reached')
      })
      await sleep(1)
    })
    assert.deepEqual(log, ['shielded to the end'])
    assert.equal(left!.cancelled(), true)
  })
})
