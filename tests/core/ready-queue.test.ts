import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkpoint, createTask, run } from 'plait/asyncio'
import { holds } from '../asyncio/holds.ts'

/** Computes for so long without letting anybody else go on. */
function compute(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('ready queue › the event loop gets its share', { timeout: 30_000 }, () => {
  test('between heavy entries, however few they are', async () => {
    let turns = 0
    let over = false
    const count = () => {
      turns += 1
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    await run(async () => {
      for (let piece = 0; piece < 40; piece++) {
        compute(6)
        await checkpoint()
      }
    })
    over = true
    holds(turns >= 10, `${turns} turns of the loop in 40 pieces of work`)
  })

  test('from a fiber that only ever waits for what is there', () =>
    run(async () => {
      const finished = createTask(() => 1)
      await finished
      let went = false
      setImmediate(() => {
        went = true
      })
      const rounds = await createTask(function* () {
        let n = 0
        while (!went && n < 5_000_000) n += yield* finished
        return n
      })
      assert.equal(went, true, `still alone after ${rounds} waits`)
    }))
})
