import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BatchQueue } from '../../src/workers/batch-queue.ts'
import { Deque } from '../../src/workers/deque.ts'
import { Job, jobPolicy } from '../../src/workers/job.ts'

const nobody = { started() {}, succeeded() {}, failed() {}, cancelled() {} }

function job(n: number, priority = 0): Job {
  return new Job(() => n, [n], jobPolicy({ priority }), nobody, {})
}

function batch(...jobs: Job[]): { reference: undefined; jobs: Job[] } {
  return { reference: undefined, jobs }
}

function drain(queue: BatchQueue<undefined>): unknown[][] {
  const seen: unknown[][] = []
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    seen.push(next.jobs.map((one) => one.args[0]))
  return seen
}

describe('batch queue', () => {
  test('gives higher priority first, and within one what came first', () => {
    const queue = new BatchQueue<undefined>()
    for (const [n, priority] of [
      [1, 0],
      [2, 5],
      [3, 0],
      [4, -1],
      [5, 5],
    ] as const)
      queue.push(batch(job(n, priority)))
    queue.unshift(batch(job(6)))
    assert.deepEqual(drain(queue), [[2], [5], [6], [1], [3], [4]])
  })

  test('passes over jobs that were settled, and counts only batches with work', () => {
    const queue = new BatchQueue<undefined>()
    const jobs = [1, 2, 3, 4].map((n) => job(n))
    queue.push(batch(jobs[0]!, jobs[1]!))
    queue.push(batch(jobs[2]!))
    queue.push(batch(jobs[3]!))
    for (const settled of [jobs[0]!, jobs[2]!]) {
      settled.state = 'settled'
      queue.noteShell()
    }
    assert.equal(queue.waiting(10), 2)
    assert.equal(queue.waiting(1), 1)
    assert.deepEqual([...queue.jobs()], [jobs[1], jobs[3]])
    assert.deepEqual(drain(queue), [[2], [4]])
  })

  test('forgets what was settled, before its turn comes', () => {
    const queue = new BatchQueue<undefined>()
    const jobs = Array.from({ length: 1000 }, (_, n) => job(n))
    for (const one of jobs) queue.push(batch(one))
    for (const one of jobs.slice(0, 999)) {
      one.state = 'settled'
      queue.noteShell()
    }
    assert.deepEqual(drain(queue), [[999]])
    assert.equal(queue.shift(), undefined)
  })
})

describe('deque', () => {
  test('is a queue with two ends, however long', () => {
    const deque = new Deque<number>()
    for (let n = 0; n < 5000; n++) deque.push(n)
    for (let n = 0; n < 4000; n++) assert.equal(deque.shift(), n)
    deque.unshift(-1)
    assert.deepEqual([deque.length, deque.peek()], [1001, -1])
    deque.filter((n) => n % 1000 !== 0)
    assert.deepEqual([...deque].slice(0, 2), [-1, 4001])
    assert.equal(deque.length, 1000)
  })

  test('gives nothing when it is empty, and takes at its front', () => {
    const deque = new Deque<number>()
    assert.deepEqual([deque.shift(), deque.peek(), deque.length], [undefined, undefined, 0])
    deque.unshift(2)
    deque.unshift(1)
    assert.deepEqual([...deque], [1, 2])
  })
})
