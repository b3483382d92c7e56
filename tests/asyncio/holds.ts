import assert from 'node:assert/strict'

/**
 * `assert.ok` that never quotes the source: where a loader has rewritten the file, Node looks for the expression in
 * the wrong place, quotes something else, and may search for minutes.
 */
export function holds(condition: unknown, message = 'expected to hold'): asserts condition {
  assert.ok(condition, message)
}
