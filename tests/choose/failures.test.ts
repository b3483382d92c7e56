// slow: every choice is measured for real, seconds long
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createTask, run } from 'plait/asyncio'
import { choose, chooseExport } from 'plait/choose'
import { fail, leave, loopForEver, nap, waitForEver } from './functions.ts'

const LONG = { timeout: 150_000 }

describe('choose › failures', () => {
  test('a function that always fails is rejected with the reason of every model', LONG, async () => {
    await assert.rejects(choose(fail), (error: any) => {
      assert.equal(error.code, 'PLAIT_EXCEPTION_GROUP')
      assert.equal(error.errors.length, 4)
      for (const one of error.errors)
        assert.match(one.message, /TypeError: every call failed: this never works$/)
      return true
    })
  })

  for (const fn of [loopForEver, waitForEver]) {
    test(`a call that never comes back ends its row only: ${fn.name}`, LONG, async () => {
      await assert.rejects(choose(fn, [], { timeout: '300ms' }), (error: any) => {
        assert.equal(error.errors.length, 4)
        for (const one of error.errors)
          assert.match(one.message, /TimeoutError: .*did not come back within 300 ms/)
        return true
      })
    })
  }

  test('a call that ends its process does not end this one', LONG, async () => {
    await assert.rejects(choose(leave, [], { timeout: '5s' }), (error: any) => {
      for (const one of error.errors) assert.match(one.message, /WorkerDiedError: .*exited with status 3/)
      return true
    })
  })

  test('an aborted signal ends the workers and rejects', LONG, async () => {
    const controller = new AbortController()
    let told = 0
    const pending = choose(nap, [[20]], {
      count: 1_000,
      signal: controller.signal,
      onProgress: ({ done, total }) => {
        assert.ok(done <= total)
        if (++told === 4) controller.abort('enough')
      },
    })
    await assert.rejects(pending, { name: 'CancelledError', reason: 'enough' })
    const aborted = AbortSignal.abort('before')
    await assert.rejects(choose(nap, [[1]], { signal: aborted }), {
      name: 'CancelledError',
      reason: 'before',
    })
  })
  test('a task that is cancelled takes it along', LONG, async () => {
    const cancelled = run(async () => {
      let began!: () => void
      const started = new Promise<void>((resolve) => {
        began = resolve
      })
      const task = createTask(() => choose(nap, [[20]], { count: 1_000, onProgress: () => began() }))
      await started
      task.cancel('not needed')
      await task
    })
    await assert.rejects(cancelled, { name: 'CancelledError', reason: 'not needed' })
  })

  test('a program given on the command line can ask, too', LONG, () => {
    const text = `import { choose } from 'plait/choose'
      const { recommendation } = await choose(Math.max, [[1, 2]], { budget: 10 })
      console.log(recommendation.model)`
    const run = spawnSync(process.execPath, ['--input-type=module', '--eval', text], { encoding: 'utf8' })
    assert.equal(run.stdout, 'sync\n', run.stderr)
  })

  const wrong: [sentence: string, call: () => Promise<unknown>, message: RegExp][] = [
    ['something that is no function', () => choose(5 as any), /^fn: expected a function, got 5/],
    ['arguments that are no list', () => choose(nap, 5 as any), /^args: expected a list/],
    [
      'a mixture of lists and others',
      () => choose(nap, [[1], 2]),
      /^args\[1\]: expected a list of arguments/,
    ],
    ['a count of nothing', () => choose(nap, [], { count: 0 }), /^count: expected a whole number from 1 on/],
    ['half a worker', () => choose(nap, [], { workers: 0.5 }), /^workers: expected a whole number from 1 on/],
    ['no time at all', () => choose(nap, [], { timeout: 0 }), /^timeout: expected more than no time/],
    ['a time in words', () => choose(nap, [], { timeout: 'soon' as any }), /^timeout: expected/],
    ['options that are none', () => choose(nap, [], null as any), /^options: expected an object, got null/],
  ]
  for (const [sentence, call, message] of wrong) {
    test(`${sentence} is refused before anything runs`, async () => {
      await assert.rejects(call(), { code: 'PLAIT_INVALID_ARGUMENT', message })
    })
  }
})

const FUNCTIONS = new URL('./functions.ts', import.meta.url)

describe('choose by name', () => {
  test('names the exports that there are, and the one that was meant', LONG, async () => {
    await assert.rejects(chooseExport(FUNCTIONS, 'incremet'), {
      code: 'PLAIT_INVALID_ARGUMENT',
      message: /no export named incremet\. Did you mean increment\? It exports: .*compute/,
    })
    await assert.rejects(chooseExport(FUNCTIONS, 'notAFunction'), {
      code: 'PLAIT_INVALID_ARGUMENT',
      message: /notAFunction: expected a function/,
    })
  })
})

describe('choose in a program of one file', () => {
  const fixture = fileURLToPath(new URL('./one-file.ts', import.meta.url))
  const run = (env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, ['--import', 'tsx', fixture], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
      timeout: 120_000,
    })
  test('measures everything if the program says which part only it should do', LONG, () => {
    const { stdout, stderr } = run()
    assert.equal(stdout, 'sync true, event-loop true, threads true, processes true\n', stderr)
  })
  test('measures what can be measured here if it does not, and the rows say why', LONG, () => {
    const { stdout, stderr } = run({ UNGUARDED: 'yes' })
    assert.equal(stdout, 'sync true, event-loop true, threads false, processes false\n', stderr)
  })
})
