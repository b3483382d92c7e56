import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { ProcessPoolExecutor, WorkerDiedError } from 'plait/futures'
import * as fn from './functions.js'
import { all, failureOf, isAlive, linesOf, newFile, test, until } from './helpers.ts'

describe('process pool executor', () => {
  // Without the test runner's own options, which the functions do not need, processes start faster.
  const quick = { execArgv: [] }
  const make = (lanes: number) => new ProcessPoolExecutor({ maxWorkers: lanes, ...quick })

  test('runs in processes of its own, which end with it', async () => {
    const pool = make(1)
    const { kind, pid } = await pool.submit(fn.where)
    assert.equal(kind, 'process')
    assert.notEqual(pid, process.pid)
    assert.ok(isAlive(pid))
    await pool.shutdown()
    assert.ok(!isAlive(pid))
    assert.equal(pool.capabilities.model, 'processes')
  })

  test('a worker that is killed says by which signal', async () => {
    await using pool = make(1)
    const file = newFile()
    const { pid } = await pool.submit(fn.where)
    const victim = pool.submit(fn.waitForEver, file)
    const next = pool.submit(fn.where)
    await until(() => linesOf(file).length === 1)
    process.kill(pid, 'SIGKILL')
    const error = await failureOf(victim)
    assert.ok(error instanceof WorkerDiedError)
    assert.deepEqual([error.exitCode, error.signal], [null, 'SIGKILL'])
    assert.notEqual((await next).pid, pid)
  })

  test('an idle worker that is killed costs nobody anything', async () => {
    await using pool = make(1)
    const { pid } = await pool.submit(fn.where)
    process.kill(pid, 'SIGKILL')
    await until(() => pool.stats().died === 1)
    assert.notEqual((await pool.submit(fn.where)).pid, pid)
  })

  test('process.abort() in a task ends its process only', async () => {
    await using pool = make(1)
    const error = await failureOf(pool.submit(fn.abort))
    assert.ok(error instanceof WorkerDiedError)
    assert.equal(error.signal, 'SIGABRT')
    assert.equal(await pool.submit(fn.add, 1, 2), 3)
  })

  test('a worker killed in the middle of a map fails one item of a thousand', async () => {
    await using pool = make(2)
    for (const chunksize of ['auto', 1, 64] as const) {
      const seen = await all(
        pool.map(
          fn.killAt500,
          Array.from({ length: 1000 }, (_, i) => i),
          { chunksize },
        ),
      )
      assert.equal(seen.length, 1000)
      assert.equal(seen.filter((item, i) => item === i).length, 999)
      assert.ok(seen[500] instanceof WorkerDiedError)
      assert.equal(seen[500].signal, 'SIGKILL')
    }
  })

  test('what a worker has started ends with it', async () => {
    const pool = make(1)
    const pid = (await pool.submit(fn.startGrandchild))!
    assert.ok(isAlive(pid))
    await pool.shutdown()
    await until(() => !isAlive(pid))
  })

  test('has the environment, directory and options it was given', async () => {
    const cwd = import.meta.dirname
    const options = { maxWorkers: 1, cwd, env: { ...process.env, COLOUR: 'blue' } }
    await using pool = new ProcessPoolExecutor({
      ...options,
      execArgv: ['--title=plaitish'],
    })
    assert.equal(await pool.submit(fn.workingDirectory), cwd)
    assert.equal(await pool.submit(fn.environment, 'COLOUR'), 'blue')
    assert.equal(await pool.submit(fn.title), 'plaitish')
  })

  test('processes that cannot be started fail the work, and the next try is a new one', async () => {
    for (const options of [{ cwd: '/there/is/no/such/folder' }, { execArgv: ['--no-such-option'] }]) {
      await using pool = new ProcessPoolExecutor({ maxWorkers: 2, ...options })
      const errors = await Promise.all([1, 2, 3, 4, 5].map((n) => failureOf(pool.submit(fn.identity, n))))
      for (const error of errors) {
        assert.ok(error instanceof WorkerDiedError)
        assert.match(error.message, /could not start/)
      }
      assert.ok((await failureOf(pool.submit(fn.identity, 6))) instanceof WorkerDiedError)
      assert.ok(pool.stats().died <= 9, `${pool.stats().died} attempts`)
    }
  })

  test('wrong options are refused at once', () => {
    for (const options of [{ cwd: 3 }, { execArgv: '--x' }])
      assert.throws(() => new ProcessPoolExecutor(options as never), { code: 'PLAIT_INVALID_ARGUMENT' })
  })
})
