import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { breakEven } from '../../src/choose/break-even.ts'
import {
  type CallCost,
  costOf,
  fit,
  formula,
  type Measurement,
  type Sample,
} from '../../src/choose/cost-model.ts'
import { kindOf, reasonOf } from '../../src/choose/reason.ts'
import { type Configuration, pick, predictAll } from '../../src/choose/recommend.ts'

const COMPUTES: CallCost = { wallMs: 10, blockMs: 10, computeMs: 10, longestMs: 10 }
const WAITS: CallCost = { wallMs: 40, blockMs: 1, computeMs: 1, longestMs: 40 }
const SLEEPS: CallCost = { wallMs: 20, blockMs: 20, computeMs: 0.1, longestMs: 20 }
const FREE = { hand: 0, host: 0, narrow: 0 }

describe('cost model › formula', () => {
  const cases = [
    ['in sequence every call takes its time', 'sync', null, 10, COMPUTES, FREE, 100],
    ['the event loop does not compute at the same time', 'event-loop', 8, 10, COMPUTES, FREE, 100],
    ['the event loop waits at the same time', 'event-loop', null, 100, WAITS, FREE, 139],
    ['a limit lets as many wait at the same time', 'event-loop', 10, 100, WAITS, FREE, 400],
    ['the last round counts in full', 'event-loop', 8, 9, WAITS, FREE, 80],
    ['threads compute at the same time', 'threads', 2, 10, COMPUTES, FREE, 50],
    ['more threads than cores compute no more', 'threads', 8, 16, COMPUTES, FREE, 80],
    ['a thread can sleep while others run, whatever the cores', 'threads', 8, 16, SLEEPS, FREE, 40],
    ['the loop is held by a call that sleeps in it', 'event-loop', 8, 16, SLEEPS, FREE, 320],
    ['handing over costs each call', 'processes', 2, 10, COMPUTES, { hand: 1, host: 0, narrow: 0 }, 55],
    [
      'the main thread hands over one call after another',
      'threads',
      2,
      10,
      COMPUTES,
      { hand: 0, host: 9, narrow: 0 },
      90,
    ],
    [
      'what all have to pass holds all up',
      'event-loop',
      null,
      100,
      WAITS,
      { hand: 0, host: 0, narrow: 5 },
      539,
    ],
    ['more workers than calls are idle', 'threads', 8, 1, COMPUTES, FREE, 10],
    ['no calls take no time', 'processes', 2, 0, COMPUTES, FREE, 0],
  ] as const
  for (const [sentence, model, workers, calls, cost, overhead, expected] of cases) {
    test(sentence, () => {
      assert.equal(formula(model, workers, calls, cost, overhead, 2), expected)
    })
  }

  test('one long call cannot be divided', () => {
    const uneven = { ...COMPUTES, longestMs: 80 }
    assert.equal(formula('threads', 8, 10, uneven, FREE, 8), 80)
  })
})

function sample(calls: number, wallMs: number, rest: Partial<Sample> = {}): Sample {
  return { round: 0, calls, wallMs, blockedMs: wallMs, computeMs: wallMs, longestMs: wallMs / calls, ...rest }
}

function measurement(
  model: Measurement['model'],
  workers: number | null,
  samples: readonly Sample[],
  rest: Partial<Measurement> = {},
): Measurement {
  return { model, workers, startupMs: 0, handoverMs: 0, samples, ...rest }
}

describe('cost model › fit', () => {
  test('a call costs what it cost in the middle one of the rounds', () => {
    const rounds = [sample(10, 1_000), sample(10, 100), sample(10, 110)]
    assert.equal(costOf(rounds).wallMs, 11)
  })

  test('a configuration that was measured is predicted by its own sample, start-up added', () => {
    const fitted = fit(
      [
        measurement('sync', null, [sample(10, 100)]),
        measurement('threads', 2, [sample(10, 60, { blockedMs: 1 })], { startupMs: 30 }),
      ],
      2,
    )
    assert.ok(Math.abs(fitted.predict('threads', 2, 100) - (30 + 600)) < 1e-9)
    assert.equal(fitted.predict('sync', null, 100), 1_000)
  })

  test('the fit that is shown is the bare model, not the measurement', () => {
    const measured = sample(10, 60, { blockedMs: 1 })
    const fitted = fit(
      [measurement('sync', null, [sample(10, 100)]), measurement('threads', 2, [measured])],
      2,
    )
    assert.equal(fitted.modelled('threads', 2, measured), 50)
  })

  test('a round of dearer arguments weighs nothing: rounds are compared with themselves', () => {
    const fitted = fit(
      [
        measurement('sync', null, [
          sample(10, 100),
          sample(10, 300, { round: 1 }),
          sample(10, 100, { round: 2 }),
        ]),
        measurement('threads', 2, [
          sample(10, 50, { blockedMs: 0 }),
          sample(10, 150, { round: 1, blockedMs: 0 }),
          sample(10, 50, { round: 2, blockedMs: 0 }),
        ]),
      ],
      2,
    )
    assert.equal(fitted.predict('threads', 2, 100), 500)
  })

  test('worker counts between two measured ones lie between them', () => {
    const fitted = fit(
      [
        measurement('sync', null, [sample(16, 160)]),
        measurement('threads', 1, [sample(16, 160, { blockedMs: 0 })]),
        measurement('threads', 16, [sample(16, 20, { blockedMs: 0 })]),
      ],
      16,
    )
    const times = [1, 2, 4, 8, 16].map((workers) => fitted.predict('threads', workers, 1_600))
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    )
  })

  test('more workers than cores take longer to start', () => {
    const fitted = fit(
      [
        measurement('sync', null, [sample(10, 100)]),
        measurement('processes', 2, [sample(10, 50, { blockedMs: 0 })], { startupMs: 100 }),
      ],
      2,
    )
    const startup = (workers: number) =>
      fitted.predict('processes', workers, 10_000) - fitted.predict('processes', workers, 5_000)
    assert.ok(fitted.predict('processes', 8, 0) > fitted.predict('processes', 2, 0))
    assert.equal(startup(2), 25_000)
  })

  test('without a sample in sequence the given cost is used', () => {
    const fitted = fit([measurement('threads', 2, [sample(10, 50, { blockedMs: 0 })])], 2, COMPUTES)
    assert.equal(fitted.cost, COMPUTES)
    assert.equal(fitted.predict('threads', 2, 100), 500)
  })
})

describe('recommendation', () => {
  const configurations: Configuration[] = [
    { model: 'sync', workers: null },
    { model: 'event-loop', workers: 8 },
    { model: 'event-loop', workers: null },
    { model: 'threads', workers: 2 },
    { model: 'threads', workers: 4 },
    { model: 'processes', workers: 2 },
  ]
  const choice = (...times: number[]) => {
    const chosen = pick(configurations, (one) => times[configurations.indexOf(one)]!)
    return chosen && `${chosen.model} ${chosen.workers}`
  }

  test('the fastest wins when it is much faster', () => {
    assert.equal(choice(100, 90, 90, 50, 60, 20), 'processes 2')
  })
  test('the simpler model wins within ten percent', () => {
    assert.equal(choice(100, 95, 95, 94, 93, 92), 'sync null')
    assert.equal(choice(200, 190, 190, 109, 120, 100), 'threads 2')
  })
  test('of one model the fewest workers within five percent win', () => {
    assert.equal(choice(200, 51, 50, 200, 200, 200), 'event-loop 8')
    assert.equal(choice(200, 60, 50, 200, 200, 200), 'event-loop null')
  })
  test('there is nothing to pick from nothing', () => {
    assert.equal(
      pick([], () => 1),
      undefined,
    )
  })
  test('whatever the times, no simpler model is within ten percent of the fastest', () => {
    const time = fc.double({ min: 0.01, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(time, { minLength: 6, maxLength: 6 }), (times) => {
        const timeOf = (one: Configuration) => times[configurations.indexOf(one)]!
        const chosen = pick(configurations, timeOf)!
        const fastest = Math.min(...times)
        assert.ok(timeOf(chosen) <= fastest * 1.1)
        const order = ['sync', 'event-loop', 'threads', 'processes']
        for (const one of configurations)
          if (order.indexOf(one.model) < order.indexOf(chosen.model)) assert.ok(timeOf(one) > fastest * 1.1)
      }),
    )
  })
})

describe('kind of work', () => {
  const kind = (computeMs: number, wallMs: number) =>
    kindOf({ wallMs, blockMs: wallMs, computeMs, longestMs: wallMs })
  test('goes by processor time against time on the clock', () => {
    assert.equal(kind(10, 10), 'CPU-bound')
    assert.equal(kind(1, 40), 'I/O-bound')
    assert.equal(kind(20, 40), 'mixed')
    assert.equal(kind(25, 10), 'CPU-bound')
  })
})

function fitted(cost: CallCost, cores: number, poolStartMs: number, handoverMs: number) {
  const run = (model: Measurement['model'], workers: number | null): Measurement => {
    const hand = model === 'sync' ? 0 : handoverMs
    const wallMs = formula(model, workers, 40, cost, { hand, host: 0, narrow: 0 }, cores)
    return measurement(
      model,
      workers,
      [
        {
          round: 0,
          calls: 40,
          wallMs,
          blockedMs:
            model === 'sync'
              ? 40 * cost.blockMs
              : model === 'event-loop'
                ? Math.min(wallMs, 40 * (cost.blockMs + hand))
                : 0,
          computeMs: 40 * cost.computeMs,
          longestMs: cost.longestMs,
        },
      ],
      { startupMs: model === 'threads' || model === 'processes' ? poolStartMs : 0, handoverMs: hand },
    )
  }
  const configurations: Configuration[] = [
    { model: 'sync', workers: null },
    { model: 'event-loop', workers: 8 },
    { model: 'event-loop', workers: null },
    { model: 'threads', workers: cores },
    { model: 'processes', workers: cores },
  ]
  return {
    fit: fit(
      configurations.map(({ model, workers }) => run(model, workers)),
      cores,
    ),
    configurations,
  }
}

describe('break-even', () => {
  test('computing calls leave the sequence when what they save pays for the start', () => {
    const { fit: f, configurations } = fitted(COMPUTES, 2, 100, 0.1)
    const { ms, sentence } = breakEven(f, configurations, 100)
    // start + n/2 · (t + hand) has to be 10 % below n · t: t = (100 + 5) / (100/1.1 − 50)
    assert.ok(ms !== null && Math.abs(ms - 105 / (100 / 1.1 - 50)) < 0.05, `${ms}`)
    assert.match(
      sentence,
      /^Below 2\.6 ms a call, stay in sequence; above it, use 2 threads for 100 calls\.$/,
    )
  })

  test('one call never leaves the sequence', () => {
    const { fit: f, configurations } = fitted(COMPUTES, 2, 100, 0.1)
    const { ms, sentence } = breakEven(f, configurations, 1)
    assert.equal(ms, null)
    assert.match(sentence, /^However long a call is, staying in sequence is best for 1 call\.$/)
  })

  test('on one core, computing never leaves the sequence', () => {
    const { fit: f, configurations } = fitted(COMPUTES, 1, 10, 0.1)
    assert.equal(breakEven(f, configurations, 1_000).ms, null)
  })

  test('waiting calls leave the sequence for the event loop', () => {
    const { fit: f, configurations } = fitted(WAITS, 2, 100, 0.01)
    const { ms, sentence } = breakEven(f, configurations, 100)
    assert.ok(ms !== null && ms < 1)
    assert.match(sentence, /the event loop/)
  })

  test('it never contradicts the recommendation', () => {
    const cost = fc
      .tuple(
        fc.double({ min: 0.001, max: 500, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      )
      .map(
        ([wallMs, held, computed]): CallCost => ({
          wallMs,
          blockMs: wallMs * held,
          computeMs: wallMs * held * computed,
          longestMs: wallMs,
        }),
      )
    fc.assert(
      fc.property(
        cost,
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 16 }),
        (one, count, cores) => {
          const { fit: f, configurations } = fitted(one, cores, 80, 0.05)
          const { ms } = breakEven(f, configurations, count)
          const best = pick(configurations, ({ model, workers }) => f.predict(model, workers, count))!
          if (ms !== null && one.wallMs < ms * 0.99) assert.equal(best.model, 'sync')
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('reason', () => {
  const reason = (cost: CallCost, count: number, cores = 2) => {
    const { fit: f, configurations } = fitted(cost, cores, 100, 0.01)
    const predictions = predictAll(f, configurations, count)
    return reasonOf(pick(predictions, (one) => one.predictedMs)!, predictions, f, count)
  }

  test('says for computing work how many cores there are', () => {
    assert.equal(
      reason(COMPUTES, 1_000),
      'Use 2 threads: a call takes 10 ms and computes all that time and there are 2 cores, so 1 000 calls take 5.1 s instead of 10 s in sequence (2 times faster).',
    )
  })
  test('says for waiting work how long a call waits', () => {
    assert.match(
      reason(WAITS, 160),
      /^Use the event loop without a limit: a call takes 40 ms, of which it waits 39 ms and computes 1 ms, so 160 calls take 2\d\d ms instead of 6\.4 s in sequence \(\d+ times faster\)\.$/,
    )
  })
  test('says for sleeping work that it holds its thread', () => {
    assert.match(reason(SLEEPS, 1_000), /^Use 2 threads: .*holding its thread while it waits/)
  })
  test('says what the best of the others would have needed when the sequence wins', () => {
    assert.match(
      reason(COMPUTES, 1),
      /^Stay in sequence: .*so 1 call takes 10 ms, and the best of the others, .* would need 10 ms\.$/,
    )
  })
})
