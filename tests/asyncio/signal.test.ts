import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as platformSleep } from 'node:timers/promises'
import {
  createTask,
  currentTask,
  gather,
  isCancelled,
  run,
  shield,
  signal,
  sleep,
  TimeoutError,
  taskGroup,
  timeout,
  until,
} from 'plait/asyncio'
import { caught } from './caught.ts'
import { deferred } from './deferred.ts'
import { holds } from './holds.ts'

describe('signal', { timeout: 30_000 }, () => {
  test('is an AbortSignal that is aborted when the task is cancelled', () =>
    run(async () => {
      const seen = deferred<AbortSignal>()
      const task = createTask(async () => {
        seen.resolve(signal())
        await sleep('1h')
      })
      const s = await until(seen.promise)
      holds(s instanceof AbortSignal)
      assert.equal(s.aborted, false)
      task.cancel('stop')
      assert.equal(s.aborted, true, 'at once')
      await caught(() => task)
    }))

  test('is not aborted by the normal end of the task', () =>
    run(async () => {
      const s = await createTask(async () => signal())
      await sleep(2)
      assert.equal(s.aborted, false)
    }))

  test('asked for in a cancelled scope it is aborted already', () =>
    run(async () => {
      const task = createTask(async () => {
        currentTask()!.cancel()
        assert.equal(signal().aborted, true)
        assert.throws(() => signal().throwIfAborted())
      })
      await task
    }))

  test('is that of the innermost scope', () =>
    run(async () => {
      const outer = signal()
      let inner: AbortSignal | undefined
      await caught(() =>
        timeout(1, async () => {
          inner = signal()
          await sleep('1h')
        }),
      )
      assert.equal(inner!.aborted, true)
      assert.equal(outer.aborted, false)
      assert.equal(signal().aborted, false)
      await taskGroup(async (tg) => {
        const group = signal()
        tg.cancel()
        assert.equal(group.aborted, true)
      })
      assert.equal(outer.aborted, false)
    }))

  test('is aborted by the cancel of every scope around it', () =>
    run(async () => {
      const seen = deferred<AbortSignal>()
      const task = createTask(() =>
        timeout('1h', () =>
          taskGroup((tg) => {
            tg.createTask(() =>
              gather(async () => {
                seen.resolve(signal())
                await sleep('1h')
              }),
            )
          }),
        ),
      )
      const s = await until(seen.promise)
      task.cancel()
      assert.equal(s.aborted, true)
      await caught(() => task)
    }))

  test('in a shield it is not aborted by the cancel around', () =>
    run(async () => {
      const log: unknown[] = []
      const task = createTask(async () => {
        await shield(async () => {
          const s = signal()
          currentTask()!.cancel()
          log.push(s.aborted, signal().aborted)
          await sleep(1)
        })
      })
      await task
      assert.deepEqual(log, [false, false])
    }))

  test('works in a fiber', () =>
    run(async () => {
      const task = createTask(function* () {
        const s = signal()
        yield* until(
          new Promise<void>((_resolve, reject) => {
            s.addEventListener('abort', () => reject(s.reason))
          }),
        )
      })
      await sleep(1)
      task.cancel('fiber')
      assert.equal((await caught(() => task)).reason, 'fiber')
      assert.equal(task.cancelled(), true)
    }))

  test('ten thousand scopes that come and go leave no listeners on the ones around', () =>
    run(async () => {
      const warnings: Error[] = []
      const listen = (warning: Error) => warnings.push(warning)
      process.on('warning', listen)
      const s = signal()
      for (let i = 0; i < 10_000; i++) await timeout('1h', () => void signal())
      await gather(Array.from({ length: 1_000 }, () => () => void signal()))
      holds(getEventListeners(s, 'abort').length <= 1)
      process.off('warning', listen)
      assert.deepEqual(warnings, [])
    }))
})

describe('signal › platform calls', { timeout: 30_000 }, () => {
  test('an AbortError of node:timers/promises counts as the cancellation it came from', () =>
    run(async () => {
      const task = createTask(async () => {
        await platformSleep(3_600_000, undefined, { signal: signal() })
      })
      await sleep(1)
      task.cancel('stop')
      const error = await caught(() => task)
      assert.equal(task.cancelled(), true)
      holds(isCancelled(error))
      assert.equal(error.reason, 'stop')
      assert.equal(error.task, task)
    }))

  test('so a timeout around a platform call is a TimeoutError', () =>
    run(async () => {
      const error = await caught(() =>
        timeout(2, () => platformSleep(3_600_000, undefined, { signal: signal() })),
      )
      holds(error instanceof TimeoutError)
    }))

  test('so a group whose children wait on the platform is cancelled without an error', () =>
    run(async () => {
      let after: unknown
      await taskGroup(async (tg) => {
        const child = tg.createTask(() => platformSleep(3_600_000, undefined, { signal: signal() }))
        child.addDoneCallback((task) => {
          after = task.cancelled()
        })
        await sleep(1)
        tg.cancel()
      })
      await sleep(1)
      assert.equal(after, true)
    }))

  test('an AbortError of somebody else is a failure', () =>
    run(async () => {
      const controller = new AbortController()
      const task = createTask(() => platformSleep(3_600_000, undefined, { signal: controller.signal }))
      setTimeout(() => controller.abort(), 1)
      const error = await caught(() => task)
      assert.equal(error.name, 'AbortError')
      assert.equal(task.cancelled(), false)
      assert.equal(task.exception(), error)
    }))
})

describe('signal › fetch', { timeout: 30_000 }, () => {
  let server: Server
  let url: string
  /** What the server sees of the next request that it does not answer to its end. */
  let arrived = deferred()
  let closed = deferred()

  before(async () => {
    server = createServer((request, response) => {
      if (request.url === '/now') {
        response.end('answer')
        return
      }
      if (request.url === '/half') response.write('half of it')
      response.on('close', () => closed.resolve())
      arrived.resolve()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  after(() => {
    server.close()
    server.closeAllConnections()
  })

  test('goes through when nothing is cancelled', () =>
    run(async () => {
      const response = await fetch(`${url}/now`, { signal: signal() })
      assert.equal(await response.text(), 'answer')
    }))

  for (const path of ['/never', '/half']) {
    test(`is cut on the wire by a cancel (${path})`, () =>
      run(async () => {
        arrived = deferred()
        closed = deferred()
        const task = createTask(async () => {
          const response = await fetch(url + path, { signal: signal() })
          return await response.text()
        })
        await until(arrived.promise)
        task.cancel('enough')
        const error = await caught(() => task)
        holds(isCancelled(error))
        assert.equal(error.reason, 'enough')
        assert.equal(task.cancelled(), true)
        await until(closed.promise)
      }))
  }

  test('is cut by a timeout: TimeoutError', () =>
    run(async () => {
      const error = await caught(() => timeout(20, () => fetch(`${url}/never`, { signal: signal() })))
      holds(error instanceof TimeoutError)
    }))
})
