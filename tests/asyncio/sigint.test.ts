import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run, sleep } from 'plait/asyncio'
import { type Ending, startProgram } from './program.ts'

/** Starts a program of fixtures/interrupted.js, presses Ctrl-C when it is ready, and waits for its end. */
async function interrupted(name: string): Promise<Ending> {
  const program = startProgram('interrupted.js', [name])
  await program.said('ready')
  program.interrupt()
  return program.ended
}

/** What it said, without the line that says it is ready. */
function lines(ending: Ending): string[] {
  return ending.stdout
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('ready'))
}

describe('ctrl-c', { timeout: 120_000 }, () => {
  test('cancels main, waits for its cleanup and that of its tasks, and ends the process by SIGINT', async () => {
    const ending = await interrupted('cleanup')
    assert.deepEqual(lines(ending).sort(), ['main cleaned', 'task cleaned'])
    assert.equal(ending.signal, 'SIGINT')
    assert.equal(ending.code, null)
    assert.equal(ending.stderr, '')
  })

  test('does the same for a main that is a generator', async () => {
    const ending = await interrupted('fiber')
    assert.deepEqual(lines(ending), ['main cleaned'])
    assert.equal(ending.signal, 'SIGINT')
  })

  test('reaches groups, gathers and nested runs', async () => {
    const ending = await interrupted('tree')
    assert.deepEqual(lines(ending).sort(), ['child cleaned', 'grandchild cleaned', 'nested run cleaned'])
    assert.equal(ending.signal, 'SIGINT')
  })

  test('cancels every run there is, and each may clean up', async () => {
    const ending = await interrupted('two')
    assert.deepEqual(lines(ending).sort(), ['first cleaned', 'second cleaned'])
    assert.equal(ending.signal, 'SIGINT')
  })

  test('a run that has ended by it does not end the program while another cleans up', async () => {
    const ending = await interrupted('uneven')
    assert.deepEqual(lines(ending), ['second cleaned'])
    assert.equal(ending.signal, 'SIGINT')
    assert.equal(ending.stderr, '')
  })

  test('exit status is 130 as a shell sees it', async () => {
    const file = fileURLToPath(new URL('./fixtures/interrupted.js', import.meta.url))
    const shell = spawn('sh', ['-c', '"$0" "$1" cleanup; echo "status $?"', process.execPath, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
    })
    let pid: string | undefined
    while (pid === undefined) {
      await once(shell.stdout, 'data')
      pid = /ready (\d+)/.exec(stdout)?.[1]
    }
    process.kill(Number(pid), 'SIGINT')
    await once(shell, 'close')
    assert.match(stdout, /main cleaned\n/)
    assert.match(stdout, /status 130\n/)
  })

  test('run returns if main swallows it and returns', async () => {
    const ending = await interrupted('swallow')
    assert.deepEqual(lines(ending), ['returned swallowed, 0 listeners'])
    assert.equal(ending.code, 0)
  })

  test("run fails with main's own error if it throws another one", async () => {
    const ending = await interrupted('replace')
    assert.deepEqual(lines(ending), ['failed with replaced'])
    assert.equal(ending.code, 7)
  })

  for (const name of ['stuck', 'stubborn']) {
    test(`a second one ends a program whose cleanup does not end at once (${name})`, async () => {
      const program = startProgram('interrupted.js', [name])
      await program.said('ready')
      program.interrupt()
      await program.said('cleaning')
      program.interrupt()
      const ending = await program.ended
      assert.equal(ending.signal, 'SIGINT')
      assert.deepEqual(lines(ending), ['cleaning'])
    })
  }

  test('a second one ends a program that waits on a foreign promise', async () => {
    const program = startProgram('interrupted.js', ['foreign'])
    await program.said('ready')
    program.interrupt()
    // The first one cannot be seen from outside; signals sent too close together would be one.
    await new Promise((resolve) => setTimeout(resolve, 200))
    program.interrupt()
    assert.equal((await program.ended).signal, 'SIGINT')
  })

  test('is left to somebody else who listens', async () => {
    const ending = await interrupted('listener')
    assert.deepEqual(lines(ending), ['mine', 'main goes on', 'run came back'])
    assert.equal(ending.code, 0)
  })

  test('is shared with somebody else who listens if asked for, and ends the process all the same', async () => {
    const ending = await interrupted('shared')
    assert.deepEqual(lines(ending), ['mine', 'main cleaned'])
    assert.equal(ending.signal, 'SIGINT')
  })

  test('is not handled with handleSigint: false', async () => {
    const ending = await interrupted('refused')
    assert.deepEqual(lines(ending), [])
    assert.equal(ending.signal, 'SIGINT')
  })

  test('is the platform’s again after the run', async () => {
    const ending = await interrupted('afterwards')
    assert.equal(ending.signal, 'SIGINT')
  })

  test('lets the tasks that main left behind clean up', async () => {
    const ending = await interrupted('leftover')
    assert.equal(lines(ending)[0], 'task cleaned')
  })
})

describe('ctrl-c › listener', { timeout: 30_000 }, () => {
  test('is there during a run only, and only once for several runs', async () => {
    const before = process.listenerCount('SIGINT')
    assert.equal(before, 0)
    await Promise.all([
      run(async () => {
        await sleep(1)
        assert.equal(process.listenerCount('SIGINT'), 1)
        await run(() => sleep(1))
        assert.equal(process.listenerCount('SIGINT'), 1)
      }),
      run(() => sleep(5)),
    ])
    assert.equal(process.listenerCount('SIGINT'), 0)
  })

  test('is removed when main fails', async () => {
    await assert.rejects(
      run(async () => {
        await sleep(1)
        throw new Error('failed')
      }),
    )
    assert.equal(process.listenerCount('SIGINT'), 0)
  })

  test('is not added when somebody else listens, nor with handleSigint: false', async () => {
    await run(
      async () => {
        assert.equal(process.listenerCount('SIGINT'), 0)
      },
      { handleSigint: false },
    )
    const mine = () => {}
    process.on('SIGINT', mine)
    try {
      await run(async () => {
        assert.equal(process.listenerCount('SIGINT'), 1)
      })
      assert.equal(process.listenerCount('SIGINT'), 1)
    } finally {
      process.off('SIGINT', mine)
    }
  })
})
