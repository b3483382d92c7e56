import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { callIn, currentScope } from '../../src/core/context.ts'
import { Scope } from '../../src/core/scope.ts'
import { clearTimer, setTimer, type Timer, time } from '../../src/core/timers.ts'

/** Resolves when every timer set so far has had its time. */
function passed(when: number): Promise<void> {
  return new Promise((resolve) => setTimer(when, resolve))
}

describe('timers', () => {
  test('fire in the order of their deadlines, equal ones in the order of setting, and never early', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 }), async (delays) => {
        const base = time()
        const fired: number[] = []
        let early = 0
        for (const [index, delay] of delays.entries()) {
          setTimer(base + delay, () => {
            if (time() < base + delay) early += 1
            fired.push(index)
          })
        }
        await passed(base + 7)
        const expected = [...delays.keys()].sort((a, b) => delays[a]! - delays[b]! || a - b)
        assert.deepEqual(fired, expected)
        assert.equal(early, 0)
      }),
      { numRuns: 60 },
    )
  })

  test('a cleared timer never fires, and clearing any of many leaves the order of the rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ delay: fc.integer({ min: 0, max: 5 }), clear: fc.boolean() }), {
          maxLength: 60,
        }),
        async (plan) => {
          const base = time() + 1
          const fired: number[] = []
          const timers: Timer[] = plan.map(({ delay }, index) =>
            setTimer(base + delay, () => fired.push(index)),
          )
          for (const [index, { clear }] of plan.entries()) {
            if (clear) {
              clearTimer(timers[index]!)
              clearTimer(timers[index]!) // a second time is nothing
            }
          }
          await passed(base + 6)
          const kept = [...plan.keys()].filter((index) => !plan[index]!.clear)
          assert.deepEqual(
            fired,
            kept.sort((a, b) => plan[a]!.delay - plan[b]!.delay || a - b),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a timer that sets another for the past does not keep the event loop from going on', async () => {
    let immediate = false
    let rounds = 0
    setImmediate(() => {
      immediate = true
    })
    await new Promise<void>((resolve) => {
      const again = () => {
        rounds += 1
        if (immediate || rounds > 10_000) resolve()
        else setTimer(time() - 1, again)
      }
      again()
    })
    assert.ok(immediate)
  })

  test('one that is taken back by another of the same alarm does not fire', async () => {
    const when = time()
    let fired = false
    let second: Timer | undefined
    setTimer(when, () => clearTimer(second!))
    second = setTimer(when, () => {
      fired = true
    })
    await passed(when)
    assert.equal(fired, false)
  })

  test('fire outside of every scope, whichever of them set the alarm', async () => {
    const seen: unknown[] = []
    await new Promise<void>((resolve) => {
      callIn(new Scope(undefined, undefined), () => {
        setTimer(time() + 1, () => {
          seen.push(currentScope())
          // The next alarm is set while this one rings.
          setTimer(time() + 1, () => {
            seen.push(currentScope())
            resolve()
          })
        })
      })
    })
    assert.deepEqual(seen, [undefined, undefined])
  })
})
