import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Scope } from '../../src/core/scope.ts'

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
    assert.ok(middle.cancelled, 'what still runs in a scope that was left belongs to the rest')
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
          while (parent?.exited && parent.parent !== undefined) parent = parent.parent
          return parent
        }
        // What was left belongs to what stands around it.
        const inForce = (model: Model): boolean => {
          let place = model
          while (!place.cancelled && place.exited && place.parent !== undefined) place = place.parent
          return place.cancelled
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
            // What is opened in a scope that was left still belongs to it, and is as cancelled as it was.
            const model: Model = {
              scope: new Scope(target.scope, undefined, step.shield),
              parent: target.exited ? (livingParent(target) ?? target) : target,
              shield: step.shield,
              exited: false,
              cancelled: !step.shield && inForce(target),
            }
            all.push(model)
          } else if (step.kind === 'cancel') {
            target.scope.cancel()
            if (!target.exited) reach(target)
          } else {
            target.scope.exit()
            target.exited = true
            // What lived in it belongs to what stands in its place, and is cancelled if that is.
            const heir = livingParent(target)
            for (const other of heir === undefined ? [] : all) {
              if (other.exited || other.parent !== target) continue
              other.parent = heir
              if (heir?.cancelled && !other.shield) reach(other)
            }
          }
        }
        for (const model of all) assert.equal(model.scope.cancelled, inForce(model))
      }),
      { numRuns: 2000 },
    )
  })
})
