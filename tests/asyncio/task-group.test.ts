import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CancelledError,
  checkCancelled,
  checkpoint,
  createTask,
  currentTask,
  ExceptionGroup,
  InvalidStateError,
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
import { deferred } from './deferred.ts'
import { holds } from './holds.ts'

/** The messages of a group's failures; nested groups as nested lists. */
function messages(group: unknown): unknown[] {
  holds(group instanceof ExceptionGroup, `expected an ExceptionGroup, got ${group}`)
  return group.errors.map((error) =>
    error instanceof ExceptionGroup ? messages(error) : error instanceof Error ? error.message : error,
  )
}

const fail = (message: string, after = 0) =>
  async function failing(): Promise<never> {
    await sleep(after)
    throw new Error(message)
  }

/** Sleeps until it is cancelled, and says so. */
const sleeper = (log: string[], name: string) => async () => {
  try {
    await sleep('1h')
  } catch (error) {
    log.push(`${name} ${isCancelled(error) ? 'cancelled' : error}`)
    throw error
  }
}

describe('task group', { timeout: 30_000 }, () => {
  test('gives the result of its body, and every child has ended by then', () =>
    run(async () => {
      let a: Task<number> | undefined
      let b: Task<string> | undefined
      const result = await taskGroup(async (tg) => {
        a = tg.createTask(() => sleep(8, 42))
        b = tg.createTask(function* () {
          return yield* sleep(2, 'fiber')
        })
        return 'body'
      })
      assert.equal(result, 'body')
      assert.equal(a!.result(), 42)
      assert.equal(b!.result(), 'fiber')
    }))

  test('an empty one, a plain body and a generator body', () =>
    run(async () => {
      assert.equal(await taskGroup(() => 1), 1)
      assert.equal(await taskGroup(async () => undefined), undefined)
      assert.equal(
        await taskGroup(function* (tg) {
          const task = tg.createTask(() => sleep(1, 2))
          return yield* task
        }),
        2,
      )
    }))

  test('runs its body in the task that called it, children in tasks of their own', () =>
    run(async () => {
      const me = currentTask()
      await taskGroup(async (tg) => {
        assert.equal(currentTask(), me)
        const child: Task<void> = tg.createTask(
          async () => {
            await sleep(0)
            assert.equal(currentTask(), child)
          },
          { name: 'child' },
        )
        assert.equal(child.name, 'child')
        await sleep(1)
        assert.equal(currentTask(), me)
      })
      assert.equal(currentTask(), me)
    }))

  test('children may add siblings, also after the body has returned', () =>
    run(async () => {
      const log: string[] = []
      await taskGroup(async (tg) => {
        tg.createTask(async () => {
          await sleep(2)
          tg.createTask(async () => {
            await sleep(2)
            tg.createTask(async () => {
              await sleep(2)
              log.push('grandchild')
            })
            log.push('sibling')
          })
          log.push('child')
        })
      })
      assert.deepEqual(log, ['child', 'sibling', 'grandchild'])
    }))

  test('a child that is cancelled by itself is no failure', () =>
    run(async () => {
      let cancelled: Task<void> | undefined
      let other: Task<string> | undefined
      const result = await taskGroup(async (tg) => {
        cancelled = tg.createTask(() => sleep('1h'))
        other = tg.createTask(() => sleep(5, 'goes on'))
        await sleep(1)
        cancelled.cancel('only you')
        return 'body'
      })
      assert.equal(result, 'body')
      assert.equal(cancelled!.cancelled(), true)
      assert.equal(other!.result(), 'goes on')
    }))

  test('a child that lets the CancelledError of somebody else escape has failed', () =>
    run(async () => {
      const foreign = createTask(() => sleep('1h'))
      foreign.cancel('foreign')
      const group = await caught(() =>
        taskGroup((tg) => {
          tg.createTask(async () => {
            await foreign
          })
        }),
      )
      holds(group instanceof ExceptionGroup)
      assert.equal(group.errors.length, 1)
      holds(isCancelled(group.errors[0]))
      assert.equal((group.errors[0] as CancelledError).task, foreign)
    }))

  test('a body that is not a function, or a child that is none, is a wrong argument', () =>
    run(async () => {
      await assert.rejects(async () => await taskGroup(5 as never), INVALID_ARGUMENT)
      await taskGroup(async (tg) => {
        assert.throws(() => tg.createTask(Promise.resolve() as never), INVALID_ARGUMENT)
        await assert.rejects(async () => await tg.start(undefined as never), INVALID_ARGUMENT)
      })
    }))

  test('ten thousand children that come and go, and ten thousand that are cancelled at once', () =>
    run(async () => {
      let ended = 0
      await taskGroup(async (tg) => {
        for (let i = 0; i < 10_000; i++) {
          tg.createTask(async () => {
            await sleep(i % 5)
            ended++
          })
        }
      })
      assert.equal(ended, 10_000)
      await taskGroup(async (tg) => {
        for (let i = 0; i < 10_000; i++) {
          tg.createTask(async () => {
            try {
              await sleep('1h')
            } finally {
              ended++
            }
          })
        }
        await sleep(1)
        tg.cancel()
      })
      assert.equal(ended, 20_000)
    }))

  test('a thousand groups inside each other end, fail and are cancelled without a stack overflow', () =>
    run(async () => {
      const nest = (depth: number, bottom: () => unknown): unknown =>
        depth === 0 ? bottom() : taskGroup((tg) => tg.createTask(() => nest(depth - 1, bottom)))
      assert.equal(await nest(1_000, () => 'bottom'), 'bottom')
      let error = await caught(() =>
        nest(1_000, () => {
          throw new Error('bottom')
        }),
      )
      while (error instanceof ExceptionGroup) error = error.errors[0]
      assert.equal((error as Error).message, 'bottom')
      const bottom = deferred()
      const task = createTask(() =>
        nest(1_000, () => {
          bottom.resolve()
          return sleep('1h')
        }),
      )
      await until(bottom.promise)
      task.cancel()
      assert.equal(isCancelled(await caught(() => task)), true)
    }))
})

describe('task group › a failure', { timeout: 30_000 }, () => {
  test('of a child cancels body and siblings, and arrives in an ExceptionGroup even when alone', () =>
    run(async () => {
      const log: string[] = []
      const mine = new RangeError('mine')
      const group = await caught(() =>
        taskGroup(async (tg) => {
          tg.createTask(sleeper(log, 'sibling'))
          tg.createTask(function* () {
            yield* sleep(1)
            throw mine
          })
          await sleeper(log, 'body')()
          log.push('not reached')
        }),
      )
      holds(group instanceof ExceptionGroup)
      holds(group instanceof AggregateError)
      assert.deepEqual(group.errors, [mine])
      assert.equal(group.errors[0], mine)
      assert.equal(group.cause, mine)
      assert.deepEqual(log.sort(), ['body cancelled', 'sibling cancelled'])
    }))

  test('does not interrupt the cleanup of the others: the group waits for it', () =>
    run(async () => {
      const log: string[] = []
      await caught(() =>
        taskGroup(async (tg) => {
          tg.createTask(async () => {
            try {
              await sleep('1h')
            } finally {
              await shield(() => sleep(5))
              log.push('cleaned')
            }
          })
          tg.createTask(fail('now', 1))
        }),
      )
      assert.deepEqual(log, ['cleaned'])
    }))

  test('falsy values are failures too', () =>
    run(async () => {
      for (const thrown of [undefined, null, 0, '']) {
        const group = await caught(() =>
          taskGroup((tg) => {
            tg.createTask(async () => {
              throw thrown
            })
          }),
        )
        holds(group instanceof ExceptionGroup)
        assert.deepEqual(group.errors, [thrown])
        const ofBody = await caught(() =>
          taskGroup(async () => {
            throw thrown
          }),
        )
        holds(ofBody instanceof ExceptionGroup)
        assert.deepEqual(ofBody.errors, [thrown])
      }
    }))

  test("of the body cancels the children; the body's error comes last", () =>
    run(async () => {
      const log: string[] = []
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              tg.createTask(sleeper(log, 'child'))
              tg.createTask(async () => {
                try {
                  await sleep('1h')
                } catch {
                  throw new Error('cleanup of a child')
                }
              })
              await sleep(1)
              throw new Error('body')
            }),
          ),
        ),
        ['cleanup of a child', 'body'],
      )
      assert.deepEqual(log, ['child cancelled'])
    }))

  test('all failures arrive, in the order in which they happened', () =>
    run(async () => {
      const cleanup = (message: string, after: number) => async () => {
        try {
          await sleep('1h')
        } catch {
          await shield(() => sleep(after))
          throw new Error(message)
        }
      }
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              tg.createTask(cleanup('third', 60))
              tg.createTask(cleanup('second', 1))
              tg.createTask(fail('first', 1))
              try {
                await sleep('1h')
              } catch {
                throw new Error('body')
              }
            }),
          ),
        ),
        ['first', 'second', 'third', 'body'],
      )
    }))

  test('a body that turns the cancellation into an error of its own adds that', () =>
    run(async () => {
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              tg.createTask(fail('child'))
              try {
                await sleep('1h')
              } catch (error) {
                holds(isCancelled(error))
                throw new Error('body instead')
              }
            }),
          ),
        ),
        ['child', 'body instead'],
      )
    }))

  test('a body that swallows the cancellation does not save the group', () =>
    run(async () => {
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              tg.createTask(fail('child'))
              await caught(() => sleep('1h'))
              return 'ignored'
            }),
          ),
        ),
        ['child'],
      )
    }))

  test('of a child that the body awaits stands in the group once', () =>
    run(async () => {
      const mine = new Error('mine')
      const group = await caught(() =>
        taskGroup(async (tg) => {
          const child = tg.createTask(async () => {
            await sleep(1)
            throw mine
          })
          await child
        }),
      )
      holds(group instanceof ExceptionGroup)
      assert.deepEqual(group.errors, [mine])
    }))

  test('after it was handled the task goes on: the next wait does not throw', () =>
    run(async () => {
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(messages(await caught(() => taskGroup((tg) => void tg.createTask(fail('x'))))), [
          'x',
        ])
        checkCancelled()
        await sleep(1)
        assert.equal(currentTask()!.cancelling(), false)
      }
    }))

  test('is not reported as unhandled as well', async () => {
    const reported: unknown[] = []
    await run(
      async () => {
        await caught(() => taskGroup((tg) => void tg.createTask(fail('x'))))
      },
      { onUnhandled: (error) => reported.push(error) },
    )
    assert.deepEqual(reported, [])
  })

  test('nesting is kept: an inner failure is a group in the group', () =>
    run(async () => {
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup((tg) => {
              tg.createTask(() => taskGroup((inner) => void inner.createTask(fail('inner'))))
            }),
          ),
        ),
        [['inner']],
      )
    }))

  test('of an outer child ends an inner group by plain cancellation', () =>
    run(async () => {
      const log: string[] = []
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              tg.createTask(fail('outer', 1))
              await taskGroup((inner) => void inner.createTask(sleeper(log, 'inner')))
              log.push('not reached')
            }),
          ),
        ),
        ['outer'],
      )
      assert.deepEqual(log, ['inner cancelled'])
    }))

  test('children that spawn children for ever stop when one fails', () =>
    run(async () => {
      let spawned = 0
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup((tg) => {
              const hydra = async (): Promise<void> => {
                spawned++
                if (spawned > 50) throw new Error('enough')
                await sleep(0)
                tg.createTask(hydra)
                tg.createTask(hydra)
              }
              tg.createTask(hydra)
            }),
          ),
        )[0],
        'enough',
      )
      holds(spawned > 50)
    }))
})

describe('task group › cancelled from outside', { timeout: 30_000 }, () => {
  test('cancels body and children once each, and throws CancelledError', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        await taskGroup(async (tg) => {
          for (let i = 0; i < 5; i++) tg.createTask(sleeper(log, `child ${i}`))
          await sleeper(log, 'body')()
        })
        log.push('not reached')
      })
      await sleep(1)
      task.cancel('outside')
      const error = await caught(() => task)
      holds(isCancelled(error))
      assert.equal(error.reason, 'outside')
      assert.equal(task.cancelled(), true)
      assert.deepEqual(log.sort(), [
        'body cancelled',
        'child 0 cancelled',
        'child 1 cancelled',
        'child 2 cancelled',
        'child 3 cancelled',
        'child 4 cancelled',
      ])
    }))

  test('while it only waits for its children', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(() => taskGroup((tg) => void tg.createTask(sleeper(log, 'child'))))
      await sleep(1)
      task.cancel()
      holds(isCancelled(await caught(() => task)))
      assert.deepEqual(log, ['child cancelled'])
    }))

  test('waits for children that are slow to clean up, however often it is cancelled', () =>
    run(async () => {
      const log: string[] = []
      const gate = deferred()
      const task = createTask(async () => {
        await taskGroup((tg) => {
          tg.createTask(async () => {
            try {
              await sleep('1h')
            } finally {
              await shield(() => until(gate.promise))
              log.push('cleaned')
            }
          })
        })
      })
      await sleep(1)
      for (let i = 0; i < 5; i++) {
        task.cancel(i)
        await sleep(1)
      }
      assert.deepEqual(log, [])
      assert.equal(task.done(), false)
      gate.resolve()
      assert.equal((await caught(() => task)).reason, 0)
      assert.deepEqual(log, ['cleaned'])
    }))

  test('leaves by CancelledError if that ended a child, even if the body had returned and nothing was left to wait for', () =>
    run(async () => {
      for (const when of ['before', 'meanwhile']) {
        const log: string[] = []
        const gate = deferred()
        let child: Task<void> | undefined
        const task = createTask(async () => {
          await taskGroup(async (tg) => {
            child = tg.createTask(() => sleep('1h'))
            await gate.promise
            return 'body'
          })
          log.push('not reached')
        })
        if (when === 'meanwhile') await sleep(1)
        task.cancel('outside')
        await sleep(1)
        assert.equal(child!.cancelled(), true)
        gate.resolve()
        assert.equal((await caught(() => task)).reason, 'outside', when)
        assert.equal(task.cancelled(), true)
        assert.deepEqual(log, [])
      }
    }))

  test('a child that fails while being cancelled: the ExceptionGroup, and the cancel at the next wait', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        try {
          await taskGroup(async (tg) => {
            tg.createTask(async () => {
              try {
                await sleep('1h')
              } catch {
                throw new Error('cleanup')
              }
            })
            await sleep('1h')
          })
        } catch (error) {
          log.push(`group of ${messages(error)}`)
        }
        assert.equal(currentTask()!.cancelling(), true)
        try {
          await sleep('1h')
        } catch (error) {
          log.push(isCancelled(error) ? `cancelled: ${error.reason}` : `${error}`)
          throw error
        }
      })
      await sleep(1)
      task.cancel('outside')
      holds(isCancelled(await caught(() => task)))
      assert.equal(task.cancelled(), true)
      assert.deepEqual(log, ['group of cleanup', 'cancelled: outside'])
    }))

  test('if that ExceptionGroup is let through, the task has failed with it', () =>
    run(async () => {
      const task = createTask(() =>
        taskGroup((tg) => {
          tg.createTask(async () => {
            try {
              await sleep('1h')
            } catch {
              throw new Error('cleanup')
            }
          })
        }),
      )
      await sleep(1)
      task.cancel()
      assert.deepEqual(messages(await caught(() => task)), ['cleanup'])
      assert.equal(task.cancelled(), false)
    }))

  test('and a child fails at the same time: the ExceptionGroup, and the cancel at the next wait', () =>
    run(async () => {
      const log: string[] = []
      const task: Task<void> = createTask(async () => {
        try {
          await taskGroup((tg) => {
            tg.createTask(async () => {
              await sleep(1)
              task.cancel('outside')
              throw new Error('child')
            })
          })
        } catch (error) {
          log.push(`group of ${messages(error)}`)
        }
        await sleep('1h')
        log.push('not reached')
      })
      holds(isCancelled(await caught(() => task)))
      assert.deepEqual(log, ['group of child'])
    }))

  test('nested groups whose cleanups fail keep their nesting', () =>
    run(async () => {
      const cleanup = async () => {
        try {
          await sleep('1h')
        } catch {
          throw new Error('cleanup')
        }
      }
      const task = createTask(() =>
        taskGroup((tg) => {
          tg.createTask(() =>
            taskGroup((inner) => {
              inner.createTask(cleanup)
              inner.createTask(cleanup)
            }),
          )
        }),
      )
      await sleep(1)
      task.cancel()
      assert.deepEqual(messages(await caught(() => task)), [['cleanup', 'cleanup']])
    }))

  test('by a timeout around it: TimeoutError, but a failing cleanup wins', () =>
    run(async () => {
      const log: string[] = []
      holds(
        (await caught(() =>
          timeout(2, () => taskGroup((tg) => void tg.createTask(sleeper(log, 'child')))),
        )) instanceof TimeoutError,
      )
      assert.deepEqual(log, ['child cancelled'])
      assert.deepEqual(
        messages(
          await caught(() =>
            timeout(2, () =>
              taskGroup((tg) => {
                tg.createTask(async () => {
                  try {
                    await sleep('1h')
                  } catch {
                    throw new Error('cleanup')
                  }
                })
              }),
            ),
          ),
        ),
        ['cleanup'],
      )
      await sleep(1)
    }))

  test('before it begins: its children run to their first wait', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(async () => {
        await taskGroup((tg) => {
          tg.createTask(async () => {
            log.push('child started')
            await sleep(0)
            log.push('not reached')
          })
          log.push('body')
        })
      })
      task.cancel()
      const error = await caught(() => task)
      holds(isCancelled(error), String(error))
      assert.deepEqual(log, ['body', 'child started'])
    }))

  test('while its body still starts children: those run to their first wait, and it is no failure', () =>
    run(async () => {
      const foreign = deferred()
      let started = 0
      const task = createTask(() =>
        taskGroup(async (tg) => {
          await foreign.promise
          for (let i = 0; i < 3; i++) {
            tg.createTask(async () => {
              started++
              await sleep('1h')
            })
          }
        }),
      )
      await sleep(1)
      task.cancel('outside')
      foreign.resolve()
      const error = await caught(() => task)
      holds(isCancelled(error), String(error))
      assert.equal(error.reason, 'outside')
      assert.equal(started, 3)
    }))
})

describe('task group › cancel', { timeout: 30_000 }, () => {
  test('from the body leaves the group without an error, with children cancelled', () =>
    run(async () => {
      const log: string[] = []
      const result = await taskGroup(async (tg) => {
        tg.createTask(sleeper(log, 'child'))
        await sleep(1)
        tg.cancel('done')
        await sleep(0)
        log.push('not reached')
        return 'not returned'
      })
      assert.equal(result, undefined)
      assert.deepEqual(log, ['child cancelled'])
      await sleep(1)
      checkCancelled()
    }))

  test('from a child cancels that child too, and from outside of every task', () =>
    run(async () => {
      const log: string[] = []
      await taskGroup(async (tg) => {
        tg.createTask(sleeper(log, 'sibling'))
        tg.createTask(async () => {
          tg.cancel()
          await sleeper(log, 'canceller')()
        })
        await sleeper(log, 'body')()
      })
      assert.deepEqual(log.sort(), ['body cancelled', 'canceller cancelled', 'sibling cancelled'])
      log.length = 0
      await taskGroup(async (tg) => {
        setTimeout(() => tg.cancel('timer'), 2)
        tg.createTask(sleeper(log, 'child'))
      })
      assert.deepEqual(log, ['child cancelled'])
    }))

  test('a body that has already returned keeps its result', () =>
    run(async () => {
      const result = await taskGroup((tg) => {
        tg.createTask(async () => {
          await sleep(2)
          tg.cancel()
        })
        tg.createTask(() => sleep('1h'))
        return 'result'
      })
      assert.equal(result, 'result')
    }))

  test('a body that swallows it and returns keeps its result', () =>
    run(async () => {
      const result = await taskGroup(async (tg) => {
        tg.cancel()
        await caught(() => sleep(0))
        return 'swallowed'
      })
      assert.equal(result, 'swallowed')
    }))

  test('the reason reaches body and children; the first one stays', () =>
    run(async () => {
      const reasons: unknown[] = []
      const note = async () => {
        const error = await caught(() => sleep('1h'))
        reasons.push(error.reason)
        throw error
      }
      await taskGroup(async (tg) => {
        tg.createTask(note)
        await sleep(1)
        tg.cancel('first')
        tg.cancel('second')
        await note()
      })
      assert.deepEqual(reasons, ['first', 'first'])
    }))

  test('twice, and after the end, does nothing more', () =>
    run(async () => {
      let group: { cancel(reason?: unknown): void } | undefined
      await taskGroup(async (tg) => {
        group = tg
        tg.cancel()
        tg.cancel()
      })
      group!.cancel()
      await sleep(1)
    }))

  test('children created just before run to their first wait', () =>
    run(async () => {
      const log: string[] = []
      await taskGroup((tg) => {
        tg.createTask(async () => {
          log.push('started')
          await sleep(0)
          log.push('not reached')
        })
        tg.cancel()
      })
      assert.deepEqual(log, ['started'])
    }))

  test('a cleanup that fails afterwards counts as a failure, a body that fails too', () =>
    run(async () => {
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              tg.createTask(async () => {
                try {
                  await sleep('1h')
                } catch {
                  throw new Error('cleanup')
                }
              })
              await sleep(1)
              tg.cancel()
            }),
          ),
        ),
        ['cleanup'],
      )
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              tg.cancel()
              throw new Error('body')
            }),
          ),
        ),
        ['body'],
      )
    }))

  test('does not hide a cancel from outside', () =>
    run(async () => {
      const log: string[] = []
      const task: Task<void> = createTask(async () => {
        await taskGroup(async (tg) => {
          tg.cancel('inner')
          task.cancel('outer')
          await sleep(0)
        })
        log.push('left the group')
        await sleep(0)
        log.push('not reached')
      })
      const error = await caught(() => task)
      holds(isCancelled(error))
      assert.equal(task.cancelled(), true)
      holds(!log.includes('not reached'))
    }))

  test('of an inner group does not touch the outer one', () =>
    run(async () => {
      const result = await taskGroup(async (outer) => {
        const child = outer.createTask(() => sleep(5, 'outer child'))
        await taskGroup(async (inner) => {
          inner.createTask(() => sleep('1h'))
          await sleep(1)
          inner.cancel()
          await sleep('1h')
        })
        return await child
      })
      assert.equal(result, 'outer child')
    }))

  test('of an outer group ends inner ones, and only the outer one is left silently', () =>
    run(async () => {
      const log: string[] = []
      await taskGroup(async (outer) => {
        setTimeout(() => outer.cancel(), 2)
        await taskGroup(async (inner) => {
          inner.createTask(sleeper(log, 'inner'))
        })
        log.push('not reached')
      })
      assert.deepEqual(log, ['inner cancelled'])
    }))
})

describe('task group › createTask refused', { timeout: 30_000 }, () => {
  const refused = { code: 'PLAIT_INVALID_STATE' }

  test('once the group has ended', () =>
    run(async () => {
      let late: (() => unknown) | undefined
      let started = false
      await taskGroup((tg) => {
        late = () =>
          tg.createTask(async () => {
            started = true
          })
      })
      assert.throws(late!, refused)
      await sleep(1)
      assert.equal(started, false)
    }))

  test('once it is cancelled, in the body and in a cleanup of a child', () =>
    run(async () => {
      let checked = 0
      await taskGroup(async (tg) => {
        tg.createTask(async () => {
          try {
            await sleep('1h')
          } finally {
            assert.throws(() => tg.createTask(() => 1), refused)
            checked++
          }
        })
        await sleep(1)
        tg.cancel()
        assert.throws(() => tg.createTask(() => 1), refused)
        await assert.rejects(
          async () => await tg.start(async ({ started }) => started()),
          (error) => {
            return error instanceof InvalidStateError || isCancelled(error)
          },
        )
        checked++
      })
      assert.equal(checked, 2)
    }))

  test('once it is failing', () =>
    run(async () => {
      let checked = 0
      await caught(() =>
        taskGroup(async (tg) => {
          tg.createTask(fail('now'))
          try {
            await sleep('1h')
          } finally {
            assert.throws(() => tg.createTask(() => 1), refused)
            checked++
          }
        }),
      )
      assert.equal(checked, 1)
    }))
})

describe('task group › start', { timeout: 30_000 }, () => {
  test('waits until the child calls started, gives its value, and the child goes on', () =>
    run(async () => {
      const log: string[] = []
      await taskGroup(async (tg) => {
        const port = await tg.start<number>(async ({ started }) => {
          await sleep(3)
          log.push('starting')
          started(8080)
          await sleep(3)
          log.push('child ends')
        })
        log.push(`started ${port}`)
      })
      assert.deepEqual(log, ['starting', 'started 8080', 'child ends'])
    }))

  test('works with a generator, with yield*, without a value, and with started called at once', () =>
    run(async () => {
      await taskGroup(function* (tg) {
        const value = yield* tg.start<string>(function* ({ started }) {
          yield* sleep(1)
          started('fiber')
          yield* sleep(1)
        })
        assert.equal(value, 'fiber')
        assert.equal(
          yield* tg.start(({ started }) => {
            started()
          }),
          undefined,
        )
      })
    }))

  test('a child that fails before throws from start, as it is; caught, the group goes on', () =>
    run(async () => {
      const mine = new Error('cannot start')
      const result = await taskGroup(async (tg) => {
        const error = await caught(() =>
          tg.start(async () => {
            await sleep(1)
            throw mine
          }),
        )
        assert.equal(error, mine)
        return await tg.createTask(() => sleep(1, 'goes on'))
      })
      assert.equal(result, 'goes on')
    }))

  test('not caught, that failure stands in the ExceptionGroup once', () =>
    run(async () => {
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              await tg.start(fail('cannot start', 1))
            }),
          ),
        ),
        ['cannot start'],
      )
    }))

  test('a child that ends before it called started: InvalidStateError', () =>
    run(async () => {
      await taskGroup(async (tg) => {
        holds((await caught(() => tg.start(() => sleep(1)))) instanceof InvalidStateError)
        holds((await caught(() => tg.start(() => {}))) instanceof InvalidStateError)
      })
    }))

  test('calling started twice: InvalidStateError for the one who calls', () =>
    run(async () => {
      await taskGroup(async (tg) => {
        const value = await tg.start<number>(async ({ started }) => {
          started(1)
          assert.throws(() => started(2), InvalidStateError)
          await sleep(1)
          assert.throws(() => started(3), InvalidStateError)
        })
        assert.equal(value, 1)
      })
    }))

  test('a child that fails after started fails the group', () =>
    run(async () => {
      assert.deepEqual(
        messages(
          await caught(() =>
            taskGroup(async (tg) => {
              await tg.start(async ({ started }) => {
                started()
                await sleep(1)
                throw new Error('later')
              })
              await sleep('1h')
            }),
          ),
        ),
        ['later'],
      )
    }))

  test('cancelled while it waits: the child is cancelled and awaited', () =>
    run(async () => {
      const log: string[] = []
      const task = createTask(() =>
        taskGroup(async (tg) => {
          await tg.start(sleeper(log, 'child'))
          log.push('not reached')
        }),
      )
      await sleep(1)
      task.cancel('outside')
      assert.equal((await caught(() => task)).reason, 'outside')
      assert.deepEqual(log, ['child cancelled'])
    }))

  test('several at once each get their own value', () =>
    run(async () => {
      await taskGroup(async (tg) => {
        const values = await Promise.all(
          [3, 1, 2].map((n) =>
            tg.start<number>(async ({ started }) => {
              await sleep(n)
              started(n)
              await sleep(1)
            }),
          ),
        )
        assert.deepEqual(values, [3, 1, 2])
      })
    }))

  test('from outside of the body: by a child of the group', () =>
    run(async () => {
      const got = deferred<string>()
      await taskGroup(async (tg) => {
        tg.createTask(async () => {
          got.resolve(
            await tg.start<string>(async ({ started }) => {
              await checkpoint()
              started('by a child')
            }),
          )
        })
        assert.equal(await until(got.promise), 'by a child')
      })
    }))
})

test('CancelledError of a group names what it is', { timeout: 30_000 }, () =>
  run(async () => {
    let error: unknown
    await taskGroup(async (tg) => {
      tg.cancel('because')
      error = await caught(() => sleep(0))
    })
    holds(error instanceof CancelledError)
    assert.equal(error.reason, 'because')
    assert.match(error.message, /because/)
  }),
)
