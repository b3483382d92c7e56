// What holds of every answer of `choose`, whatever the machine does meanwhile, and how to find a row in it.
import assert from 'node:assert/strict'
import type { ChooseResult, Row } from 'plait/choose'

export function rows(result: ChooseResult, model: Row['model']): readonly Row[] {
  return result.measured.filter((row) => row.model === model)
}

export function row(result: ChooseResult, model: Row['model']): Row {
  return rows(result, model)[0]!
}

export function checkShape(result: ChooseResult): void {
  const { measured, model, recommendation } = result
  assert.deepEqual(
    [...new Set(measured.map((one) => one.model))],
    ['sync', 'event-loop', 'threads', 'processes'],
  )
  const chosen = measured.find(
    (one) => one.model === recommendation.model && one.workers === recommendation.workers,
  )
  assert.equal(chosen?.ok, true, 'what is recommended has been measured')
  for (const one of measured) {
    if (!one.ok) {
      assert.ok(one.problem !== undefined && one.problem.message !== '')
      continue
    }
    assert.ok(one.wallMs > 0 && one.predictedMs > 0 && one.predictedSampleMs > 0)
    assert.ok(one.loopBlockedMs <= one.wallMs + 1)
    for (const { spans } of one.lanes) {
      for (const { start, end, segments } of spans) {
        assert.ok(start <= end && end <= one.wallMs + 1, `${one.label}: ${start}-${end} of ${one.wallMs}`)
        const filled = segments.reduce((sum, segment) => sum + segment.end - segment.start, 0)
        assert.ok(Math.abs(filled - (end - start)) < 0.01)
      }
      for (const [index, span] of spans.entries())
        if (index > 0) assert.ok(span.start >= spans[index - 1]!.end - 0.001, 'one call at a time in a lane')
    }
  }
  assert.ok(model.predictions.length > 0)
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result, 'plain data')
}
