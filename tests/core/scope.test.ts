import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Scope } from '../../src/core/scope.ts'
import { Wait } from '../../src/core/wait.ts'

describe('scope', () => {
  test('cancelling reaches everything below that no shield hides, and nothing else', () => {
    const root = new Scope(undefined, undefined)
    const left = new Scope(root, undefined)
    const right = new Scope(root, undefined)
    const shielded = new Scope(left, undefined, true)
    const belowShield = new Scope(shielded, undefined)
    left.cancel('why')
    assert.deepEqual(
      [root, left, right, shielded, belowShield].map((scope) => scope.cancelled),
      [false, true, false, false, false],
    )
    assert.equal(new Scope(left, undefined).cancelled, true, 'what begins later inside is cancelled too')
    assert.equal(new Scope(belowShield, undefined).cancelled, false)
  })

  test('the first reason stays, and a second cancel tells nobody again', () => {
    const scope = new Scope(undefined, undefined)
    const told: unknown[] = []
    scope.onCancel((reason) => told.push(reason))
    scope.cancel('first')
    scope.cancel('second')
    assert.deepEqual(told, ['first'])
    assert.equal(scope.cancelledError().reason, 'first')
  })

  test('a listener that comes late is told at once, a withdrawn one never', () => {
    const scope = new Scope(undefined, undefined)
    let withdrawn = 0
    scope.onCancel(() => {
      withdrawn += 1
    })()
    scope.cancel('now')
    const late: unknown[] = []
    scope.onCancel((reason) => late.push(reason))
    assert.equal(withdrawn, 0)
    assert.deepEqual(late, ['now'])
  })

  test('when the first listener runs, the whole subtree is marked already', () => {
    const root = new Scope(undefined, undefined)
    const child = new Scope(root, undefined)
    const grandchild = new Scope(child, undefined)
    let seen: boolean[] = []
    root.onCancel(() => {
      seen = [child.cancelled, grandchild.cancelled, new Scope(grandchild, undefined).cancelled]
    })
    root.cancel()
    assert.deepEqual(seen, [true, true, true])
  })

  test('a scope that outlives its parent moves to the grandparent and is still reached', () => {
    const root = new Scope(undefined, undefined)
    const middle = new Scope(root, undefined)
    const inner = new Scope(middle, undefined)
    middle.exit()
    const late = new Scope(middle, undefined)
    root.cancel('all')
    assert.ok(inner.cancelled)
    assert.ok(late.cancelled)
    assert.equal(middle.cancelled, false, 'what was left is not cancelled afterwards')
  })

  test('its signal is aborted with a CancelledError, before and after the fact', () => {
    const scope = new Scope(undefined, undefined)
    const { signal } = scope
    assert.equal(signal.aborted, false)
    scope.cancel('stop')
    assert.ok(signal.aborted)
    assert.equal(signal.reason.code, 'PLAIT_CANCELLED')
    const other = new Scope(scope, undefined)
    assert.ok(other.signal.aborted)
  })

  test('a listener that throws keeps nobody from being told, and its error comes out as uncaught', async (t) => {
    const root = new Scope(undefined, undefined)
    const thrower = new Scope(root, undefined)
    const other = new Scope(root, undefined)
    const log: unknown[] = []
    thrower.onCancel(() => {
      throw new Error('broken listener')
    })
    thrower.onCancel(() => log.push('thrower'))
    other.onCancel(() => log.push('other'))
    const thrown: (() => void)[] = []
    t.mock.method(globalThis, 'queueMicrotask', (fn: () => void) => thrown.push(fn))
    root.cancel()
    t.mock.restoreAll()
    assert.deepEqual(log, ['thrower', 'other'])
    assert.equal(thrown.length, 1)
    assert.throws(thrown[0]!, /broken listener/)
  })

  test('a listener that another one withdraws while they are told is not told', () => {
    const scope = new Scope(undefined, undefined)
    let withdraw = () => {}
    let told = false
    scope.onCancel(() => withdraw())
    withdraw = scope.onCancel(() => {
      told = true
    })
    scope.cancel()
    assert.equal(told, false)
  })

  test('what outlives a shield inside a cancelled scope is cancelled when the shield is left', () => {
    const root = new Scope(undefined, undefined)
    root.cancel('over')
    const shield = new Scope(root, undefined, true)
    const block = new Scope(shield, undefined)
    const within = new Scope(block, undefined)
    assert.equal(block.cancelled, false)
    shield.exit()
    assert.deepEqual([block.cancelled, within.cancelled], [true, true])
    assert.equal(within.cancelledError().reason, 'over')
  })

  test('waits that outlive their scope are cut with the one around it, and at once if that is cancelled', () => {
    const root = new Scope(undefined, undefined)
    const block = new Scope(root, undefined)
    const wait = new Wait()
    block.addWait(wait)
    block.exit()
    assert.equal(wait.state, 'pending')
    root.cancel()
    assert.equal(wait.state, 'failed')

    const shield = new Scope(root, undefined, true)
    const shielded = new Wait()
    shield.addWait(shielded)
    shield.exit()
    assert.equal(shielded.state, 'failed')
  })

  test('a tree of a hundred thousand nested scopes is cancelled without a deep stack', () => {
    const root = new Scope(undefined, undefined)
    let deepest = root
    for (let depth = 0; depth < 100_000; depth++) deepest = new Scope(deepest, undefined)
    root.cancel('all')
    assert.ok(deepest.cancelled)
  })

  test('in random trees with shields, cancels and exits, a scope is cancelled exactly when the model says so', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('open' as const), of: fc.nat(), shield: fc.boolean() }),
      fc.record({ kind: fc.constant('cancel' as const), of: fc.nat() }),
      fc.record({ kind: fc.constant('exit' as const), of: fc.nat() }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        interface Model {
          scope: Scope
          parent: Model | undefined
          shield: boolean
          exited: boolean
          cancelled: boolean
        }
        const root: Model = {
          scope: new Scope(undefined, undefined),
          parent: undefined,
          shield: false,
          exited: false,
          cancelled: false,
        }
        const all = [root]
        const livingParent = (model: Model): Model | undefined => {
          let parent = model.parent
          while (parent?.exited) parent = parent.parent
          return parent
        }
        const reach = (model: Model) => {
          if (model.cancelled) return
          model.cancelled = true
          for (const other of all)
            if (!other.exited && !other.shield && livingParent(other) === model) reach(other)
        }
        for (const step of actions) {
          const target = all[step.of % all.length]!
          if (step.kind === 'open') {
            // What is opened in a scope that was left is as cancelled as that one was, or as the one around it is.
            const model: Model = {
              scope: new Scope(target.scope, undefined, step.shield),
              parent: target,
              shield: step.shield,
              exited: false,
              cancelled: false,
            }
            model.cancelled = !step.shield && (target.cancelled || livingParent(model)?.cancelled === true)
            all.push(model)
          } else if (step.kind === 'cancel') {
            target.scope.cancel()
            if (!target.exited) reach(target)
          } else {
            target.scope.exit()
            target.exited = true
            // A shield that is left does not protect any longer what outlives it.
            for (const model of all) {
              if (!model.exited && !model.shield && livingParent(model)?.cancelled) reach(model)
            }
          }
        }
        for (const model of all) assert.equal(model.scope.cancelled, model.cancelled)
      }),
      { numRuns: 2000 },
    )
  })
})
