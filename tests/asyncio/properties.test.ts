// Random programs of tasks, groups, gathers, shields, sleeps, failures and cancels, in both notations, against a model
// that knows no time: a body either gives one certain value, or fails with some of certain failures.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type Awaitable,
  checkpoint,
  createTask,
  ExceptionGroup,
  type Fiber,
  gather,
  isCancelled,
  run,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  until,
} from 'plait/asyncio'
import { holds } from './holds.ts'

interface Body {
  notation: 'async' | 'fiber'
  steps: Step[]
}

type Step =
  | { kind: 'turn'; how: 'sleep' | 'checkpoint' }
  | { kind: 'sleep'; ms: number }
  | { kind: 'foreign'; ms: number }
  | { kind: 'fail'; id: number }
  | { kind: 'group'; children: Body[]; body: Body; cancelled: number[]; cancel: boolean }
  | { kind: 'gather'; items: Body[]; returnExceptions: boolean }
  | { kind: 'shield'; body: Body }
  | { kind: 'timeout'; body: Body }
  | { kind: 'await'; body: Body }
  | { kind: 'attempt'; body: Body }

const { body: anyBody } = fc.letrec<{ body: Body; step: Step }>((tie) => {
  const body = tie('body')
  const few = fc.array(body, { maxLength: 3 })
  return {
    step: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'step', withCrossShrink: true },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('turn'), how: fc.constantFrom('sleep', 'checkpoint') }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('sleep'), ms: fc.integer({ min: 1, max: 3 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('foreign'), ms: fc.integer({ min: 0, max: 2 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail'), id: fc.nat(99) }) },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('group'),
          children: few,
          body,
          cancelled: fc.uniqueArray(fc.nat(2), { maxLength: 2 }),
          cancel: fc.boolean(),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('gather'), items: few, returnExceptions: fc.boolean() }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('shield'), body }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('timeout'), body }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('await'), body }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('attempt'), body }) },
    ) as fc.Arbitrary<Step>,
    body: fc.record({
      notation: fc.constantFrom('async', 'fiber'),
      steps: fc.array(tie('step'), { maxLength: 4, depthIdentifier: 'step' }),
    }) as fc.Arbitrary<Body>,
  }
})

// The model.

/** What a body gives: lists and words; `maybe` marks a value in whose place `'cancelled'` may stand. */
type Value = string | Value[] | { maybe: Value }

type Outcome = { ok: true; value: Value } | { ok: false; ids: Set<number> }

/** All failures that could come out of any part of it. */
function failuresIn(body: Body, ids = new Set<number>()): Set<number> {
  for (const step of body.steps) {
    if (step.kind === 'fail') ids.add(step.id)
    if ('body' in step) failuresIn(step.body, ids)
    if (step.kind === 'group') for (const child of step.children) failuresIn(child, ids)
    if (step.kind === 'gather') for (const item of step.items) failuresIn(item, ids)
  }
  return ids
}

/** Groups are cancelled, and children one by one, only where nothing can fail: there the model stays certain. */
function cancelsItself(group: Extract<Step, { kind: 'group' }>): boolean {
  return group.cancel && [...group.children, group.body].every((part) => failuresIn(part).size === 0)
}

function isCancelledChild(group: Extract<Step, { kind: 'group' }>, index: number): boolean {
  return group.cancelled.includes(index) && failuresIn(group.children[index]!).size === 0
}

function predict(body: Body): Outcome {
  const values: Value[] = []
  for (const step of body.steps) {
    const outcome = predictStep(step)
    if (!outcome.ok) return outcome
    values.push(outcome.value)
  }
  return { ok: true, value: values }
}

function predictStep(step: Step): Outcome {
  switch (step.kind) {
    case 'fail':
      return { ok: false, ids: new Set([step.id]) }
    case 'group':
      return together(step.children.map(predict), predict(step.body), (children, body) => [
        children.map((child, i) =>
          cancelsItself(step) || isCancelledChild(step, i) ? { maybe: child } : child,
        ),
        body,
      ])
    case 'gather': {
      const outcomes = step.items.map(predict)
      if (step.returnExceptions) {
        return { ok: true, value: outcomes.map((outcome) => (outcome.ok ? outcome.value : 'failed')) }
      }
      return together(outcomes, { ok: true, value: '' }, (items) => items)
    }
    case 'shield':
    case 'timeout':
    case 'await':
      return predict(step.body)
    case 'attempt': {
      const outcome = predict(step.body)
      return outcome.ok ? outcome : { ok: true, value: 'caught' }
    }
    default:
      return { ok: true, value: step.kind }
  }
}

function together(parts: Outcome[], last: Outcome, join: (values: Value[], last: Value) => Value): Outcome {
  const ids = new Set<number>()
  const values: Value[] = []
  for (const part of [...parts, last]) {
    if (part.ok) values.push(part.value)
    else for (const id of part.ids) ids.add(id)
  }
  return ids.size > 0 ? { ok: false, ids } : { ok: true, value: join(values.slice(0, -1), values.at(-1)!) }
}

function matches(expected: Value, actual: unknown): boolean {
  if (typeof expected === 'string') return expected === actual
  if (!Array.isArray(expected)) return actual === 'cancelled' || matches(expected.maybe, actual)
  return (
    Array.isArray(actual) &&
    expected.length === actual.length &&
    expected.every((value, i) => matches(value, actual[i]))
  )
}

// The program itself.

class Failure extends Error {
  readonly id: number
  constructor(id: number) {
    super(`failure ${id}`)
    this.id = id
  }
}

/** The failures in an error, which may be a group of groups. */
function leaves(error: unknown): unknown[] {
  return error instanceof ExceptionGroup ? error.errors.flatMap(leaves) : [error]
}

class Program {
  /** Bodies that have begun and not ended. */
  live = 0
  readonly complaints: string[] = []

  coroutine(body: Body): () => Promise<Value> | Fiber<Value> {
    const program = this
    if (body.notation === 'fiber') {
      return function* fiber(): Fiber<Value> {
        program.live++
        try {
          const values: Value[] = []
          for (const step of body.steps) {
            if (step.kind !== 'attempt') {
              values.push(yield* program.perform(step))
              continue
            }
            try {
              values.push(yield* within(program.coroutine(step.body)))
            } catch (error) {
              values.push(program.afterAttempt(error))
            }
          }
          return values
        } finally {
          program.live--
        }
      }
    }
    return async () => {
      program.live++
      try {
        const values: Value[] = []
        for (const step of body.steps) {
          if (step.kind !== 'attempt') {
            values.push(await program.perform(step))
            continue
          }
          try {
            values.push(await within(program.coroutine(step.body)))
          } catch (error) {
            values.push(program.afterAttempt(error))
          }
        }
        return values
      } finally {
        program.live--
      }
    }
  }

  afterAttempt(error: unknown): Value {
    if (isCancelled(error)) throw error
    return 'caught'
  }

  perform(step: Exclude<Step, { kind: 'attempt' }>): Awaitable<Value> {
    switch (step.kind) {
      case 'turn':
        return valued(step.how === 'sleep' ? () => sleep(0) : () => checkpoint(), step.kind)
      case 'sleep':
        return sleep(step.ms, step.kind)
      case 'foreign':
        return until(new Promise<Value>((resolve) => setTimeout(resolve, step.ms, step.kind)))
      case 'fail':
        throw new Failure(step.id)
      case 'shield':
        return shield(this.watched(step.body))
      case 'timeout':
        return timeout('1h', this.coroutine(step.body))
      case 'await':
        return createTask(this.coroutine(step.body))
      case 'gather':
        return this.gather(step)
      case 'group':
        return this.group(step)
    }
  }

  /** A shielded body that cannot fail has to reach its end. */
  watched(body: Body): () => Promise<Value> {
    return async () => {
      const certain = failuresIn(body).size === 0
      try {
        return await within(this.coroutine(body))
      } catch (error) {
        if (certain) this.complaints.push(`a shielded body was cut: ${error}`)
        throw error
      }
    }
  }

  gather(step: Extract<Step, { kind: 'gather' }>): Awaitable<Value> {
    let live = 0
    const items = step.items.map((item) => async () => {
      live++
      try {
        return await within(this.coroutine(item))
      } finally {
        live--
      }
    })
    const { complaints } = this
    return within(async () => {
      try {
        const results = await gather(items, { returnExceptions: step.returnExceptions })
        return results.map((result) => (result instanceof Error ? 'failed' : result)) as Value
      } finally {
        if (live > 0) complaints.push('a child outlives its gather')
      }
    })
  }

  group(step: Extract<Step, { kind: 'group' }>): Awaitable<Value> {
    const { complaints } = this
    return within(async () => {
      const tasks: Task<Value>[] = []
      let body: Value = 'cancelled'
      try {
        await taskGroup(async (tg) => {
          for (const [i, child] of step.children.entries()) {
            const task = tg.createTask(this.coroutine(child))
            tasks.push(task)
            if (isCancelledChild(step, i)) task.cancel()
          }
          body = await within(this.coroutine(step.body))
          if (cancelsItself(step)) tg.cancel()
        })
      } finally {
        if (tasks.some((task) => !task.done())) complaints.push('a child outlives its group')
      }
      return [tasks.map((task) => (task.cancelled() ? 'cancelled' : task.result())), body]
    })
  }
}

/** The body as part of the task that calls, in whichever notation either is written. */
function within(body: () => Promise<Value> | Fiber<Value>): Awaitable<Value> {
  return timeout(null, body)
}

function valued(wait: () => Awaitable<void>, value: Value): Awaitable<Value> {
  return timeout(null, function* () {
    yield* wait()
    return value
  })
}

interface Ending {
  program: Program
  result?: Value
  error?: unknown
  failed: boolean
  reported: unknown[]
}

async function execute(body: Body, cancelAfter: number | undefined): Promise<Ending> {
  const program = new Program()
  const reported: unknown[] = []
  const controller = new AbortController()
  const timer =
    cancelAfter === undefined ? undefined : setTimeout(() => controller.abort('from outside'), cancelAfter)
  const watchdog = setTimeout(() => {
    console.error(`hangs: ${JSON.stringify(body)} ${cancelAfter}`)
    process.exit(3)
  }, 10_000)
  try {
    const result = await run(program.coroutine(body), {
      signal: controller.signal,
      onUnhandled: (error) => reported.push(error),
    })
    return { program, result, failed: false, reported }
  } catch (error) {
    return { program, error, failed: true, reported }
  } finally {
    clearTimeout(timer)
    clearTimeout(watchdog)
  }
}

/** What holds of every ending, whatever the program. */
function checkEnding(body: Body, ending: Ending): void {
  assert.equal(ending.program.live, 0, 'a body has not ended')
  assert.deepEqual(ending.program.complaints, [])
  const known = failuresIn(body)
  for (const error of ending.reported.flatMap(leaves)) {
    holds(error instanceof Failure && known.has(error.id), `reported: ${error}`)
  }
}

function checkFailure(error: unknown, ids: Set<number>): void {
  const list = leaves(error)
  holds(list.length > 0, 'a failure without errors')
  for (const leaf of list) {
    holds(leaf instanceof Failure && ids.has(leaf.id), `failed with ${leaf}, expected some of ${[...ids]}`)
  }
}

const seed = Number(process.env.PLAIT_SEED) || Date.now() % 2 ** 31
const settings = (numRuns: number) => ({
  numRuns,
  seed,
  endOnFailure: false,
  interruptAfterTimeLimit: 60_000,
})

describe('random programs', { timeout: 180_000 }, () => {
  test('end as the model says when nobody interferes', async (t) => {
    t.diagnostic(`seed ${seed} (PLAIT_SEED)`)
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        const expected = predict(body)
        const ending = await execute(body, undefined)
        checkEnding(body, ending)
        assert.equal(
          ending.failed,
          !expected.ok,
          `it ${ending.failed ? `failed: ${ending.error}` : 'ended well'}`,
        )
        if (!expected.ok) checkFailure(ending.error, expected.ids)
        else holds(matches(expected.value, ending.result), `gave ${JSON.stringify(ending.result)}`)
      }),
      settings(400),
    )
  })

  test('end as the model says, or cancelled, when they are cancelled from outside at any time', async (t) => {
    t.diagnostic(`seed ${seed} (PLAIT_SEED)`)
    await fc.assert(
      fc.asyncProperty(anyBody, fc.integer({ min: 0, max: 8 }), async (body, cancelAfter) => {
        const expected = predict(body)
        const ending = await execute(body, cancelAfter)
        checkEnding(body, ending)
        if (ending.failed && isCancelled(ending.error)) {
          assert.equal(ending.error.reason, 'from outside')
          return
        }
        assert.equal(
          ending.failed,
          !expected.ok,
          `it ${ending.failed ? `failed: ${ending.error}` : 'ended well'}`,
        )
        if (!expected.ok) checkFailure(ending.error, expected.ids)
        else holds(matches(expected.value, ending.result), `gave ${JSON.stringify(ending.result)}`)
      }),
      settings(400),
    )
  })
})
