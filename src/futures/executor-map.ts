// WHAT       `executor.map`: an input read ahead, jobs in batches, results given out in order or as they come.
// STATES     of the input: open ──it ends or fails, or the map is closed──> ended
//            of the map:   open ──everything given out──> ended
//                            └──return(), cancel, timeout, abort──> closed: what runs is cancelled, nothing more comes
// RULES
//   1. An item is *taken* from the moment it is read from the input until its result is given out. At most `window`
//      are: that is what makes a million items, or endless ones, cost nothing.
//   2. It is read ahead from the call on, as in Python; but never while another read is under way.
//   3. A chunk is read when there is room for a whole one: otherwise, once the window is full, every result given out
//      would make a message of one item.
//   4. An incomplete chunk is sent when the input ends, and when the input lets us wait while somebody is idle.
//   5. `next()` calls are served in their order. One that is cut takes nothing.
//   6. After the end of a closed map every `next()` says that it is done.
// WHY NOT an async generator: it serves one `next()` at a time, ends at the first item that throws, and `return()` waits
//      for the one under way.
import {
  CancelledError,
  callIn,
  currentScope,
  invalidArgument,
  park,
  TimeoutError,
  toMilliseconds,
  type Wait,
} from '../core/index.ts'
import { after, Deque, Job, type JobPolicy, type JobRunner, wholeNumber } from '../workers/index.ts'
import { ChunkSize } from './chunk-size.ts'
import type { MapOptions } from './executor.ts'
import { type Chunk, MapSlot } from './map-slot.ts'
import { onAbort } from './on-abort.ts'

/** Where there is no limit to what runs at the same time, the window is made as if this were it. */
const LANES_WITHOUT_LIMIT = 250

export interface MapSetup {
  readonly runner: JobRunner
  readonly policy: JobPolicy
  readonly signal: AbortSignal | undefined
  /** Whether several items can go in one message. */
  readonly chunks: boolean
  readonly site: { readonly stack?: string }
}

export class ExecutorMap<I, R> implements AsyncIterableIterator<R> {
  readonly #fn: (item: I) => unknown
  readonly #setup: MapSetup
  readonly #input: Iterator<I> | AsyncIterator<I>
  readonly #size: ChunkSize
  readonly #ordered: boolean
  #state: 'open' | 'closed' = 'open'
  #inputState: 'open' | 'reading' | 'ended' = 'open'
  /** Read, and not yet sent. */
  #forming: { readonly item: I; readonly slot: MapSlot }[] = []
  /** In order: everything taken. As they come: what can be given out. */
  readonly #slots = new Deque<MapSlot>()
  /** Sent, and not settled. */
  readonly #jobs = new Set<Job>()
  #taken = 0
  #waits: Wait<IteratorResult<R>>[] = []
  #filling = false
  #awaitingRoom = false
  #idle: (() => void) | undefined
  readonly #deadline: NodeJS.Timeout | undefined
  #withdraw: () => void = () => {}

  constructor(
    fn: (item: I) => unknown,
    items: Iterable<I> | AsyncIterable<I>,
    options: MapOptions,
    setup: MapSetup,
  ) {
    const { ordered = true, timeout } = options
    if (typeof ordered !== 'boolean') throw invalidArgument('ordered', 'true or false', ordered)
    const wanted = options.chunksize ?? 'auto'
    if (wanted !== 'auto') wholeNumber('chunksize', wanted, 1)
    const { lanes } = setup.runner
    this.#size = new ChunkSize({
      chunksize: setup.chunks ? wanted : 1,
      buffersize:
        options.buffersize === undefined ? undefined : wholeNumber('buffersize', options.buffersize, 1),
      lanes: Number.isFinite(lanes) ? lanes : LANES_WITHOUT_LIMIT,
      length: Array.isArray(items) ? items.length : undefined,
    })
    const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, 'timeout')
    this.#fn = fn
    this.#ordered = ordered
    this.#setup = setup
    this.#input = iteratorOf(items)
    this.#deadline = after(timeoutMs, () =>
      this.#abort(new TimeoutError(`map did not end within ${timeoutMs} ms`), 'map ran out of time'),
    )?.unref()
    this.#withdraw = this.#listen()
    if (this.#state === 'closed') this.#end() // cancelled before it began
    this.#fill()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** In generators it is an operation: `yield* results.next()`. */
  next(): Promise<IteratorResult<R>> {
    const next = park<IteratorResult<R>>((wait) => {
      this.#waits.push(wait)
      this.#deadline?.ref()
      wait.withdraw = () => {
        this.#waits = this.#waits.filter((other) => other !== wait)
      }
      this.#deliver()
    })
    return next as unknown as Promise<IteratorResult<R>>
  }

  /** Cancels what was submitted and waits until it has ended. */
  async return(value?: unknown): Promise<IteratorResult<R>> {
    // Both at once: a clean-up that fails while the work still ends must not be an unhandled rejection.
    const [closed] = await Promise.allSettled([this.#close('the map was left'), this.#settled()])
    if (closed.status === 'rejected') throw closed.reason
    return { done: true, value: value as undefined }
  }

  async throw(error?: unknown): Promise<IteratorResult<R>> {
    await this.return()
    throw error
  }

  /** @internal */
  settled(slot: MapSlot): void {
    this.#jobs.delete(slot.job!)
    if (this.#jobs.size === 0) this.#idle?.()
    if (slot.chunk.sent === slot.chunk.settled) this.#size.measured(slot.chunk)
    if (this.#inputState === 'reading') this.#sendIfIdle() // rule 4
    if (slot.state === 'dropped') return
    if (!this.#ordered) this.#slots.push(slot)
    this.#deliver()
  }

  #deliver(): void {
    while (this.#waits.length > 0) {
      const slot = this.#slots.peek()
      if (slot === undefined || slot.state === 'waiting') {
        if (!this.#isOver()) break
        this.#end()
        this.#waits.shift()!.complete({ done: true, value: undefined })
        continue
      }
      this.#slots.shift()
      this.#taken -= 1
      const wait = this.#waits.shift()!
      if (slot.state === 'value') wait.complete({ done: false, value: slot.value as R })
      else wait.fail(slot.value)
    }
    if (this.#waits.length === 0) this.#deadline?.unref()
    this.#fill()
  }

  #isOver(): boolean {
    return (
      this.#inputState === 'ended' &&
      this.#slots.length === 0 &&
      (this.#state === 'closed' || this.#taken === 0)
    )
  }

  #fill(): void {
    if (this.#filling) return // a job that settles while it is submitted
    this.#filling = true
    try {
      while (this.#inputState === 'open' && !this.#awaitingRoom && this.#mayRead()) this.#read()
    } finally {
      this.#filling = false
    }
  }

  /** Rules 1 and 3. */
  #mayRead(): boolean {
    const { chunk, window } = this.#size
    if (this.#forming.length >= chunk && !this.#send()) return false
    return window - this.#taken >= chunk - this.#forming.length
  }

  #read(): void {
    try {
      const read = this.#input.next()
      if (!isPromise(read)) {
        this.#took(read)
        return
      }
      this.#inputState = 'reading'
      this.#sendIfIdle()
      read.then(
        (result) => this.#resume(() => this.#took(result)),
        (error: unknown) => this.#resume(() => this.#inputFailed(error)),
      )
    } catch (error) {
      this.#inputFailed(error)
    }
  }

  #resume(go: () => void): void {
    if (this.#inputState !== 'reading') return
    this.#inputState = 'open'
    go()
    this.#fill()
    this.#deliver()
  }

  #took(result: IteratorResult<I>): void {
    if (result.done) {
      this.#inputState = 'ended'
      this.#send()
      this.#deliver() // somebody may wait for more than there is
      return
    }
    this.#size.read()
    this.#taken += 1
    const slot = new MapSlot(this)
    this.#forming.push({ item: result.value, slot })
    if (this.#ordered) this.#slots.push(slot)
    if (this.#forming.length >= this.#size.chunk) this.#send()
  }

  /** The input's own error stands where its item would. */
  #inputFailed(error: unknown): void {
    this.#inputState = 'ended'
    this.#send()
    this.#taken += 1
    this.#slots.push(MapSlot.failed(this, error))
    this.#deliver()
  }

  #sendIfIdle(): void {
    if (this.#jobs.size < this.#setup.runner.lanes) this.#send()
  }

  /** Sends what was read; false if there is no room for it, which is then awaited. */
  #send(): boolean {
    const { runner, policy, site } = this.#setup
    while (this.#forming.length > 0) {
      const part = this.#forming.slice(0, Math.max(0, runner.room))
      if (part.length === 0) {
        this.#awaitRoom()
        return false
      }
      this.#forming = this.#forming.slice(part.length)
      const chunk: Chunk = { sent: part.length, settled: 0, startedAt: undefined }
      const jobs = part.map(({ item, slot }) => {
        slot.chunk = chunk
        slot.job = new Job(this.#fn, [item], policy, slot, site)
        return slot.job
      })
      for (const job of jobs) this.#jobs.add(job)
      try {
        runner.submit(jobs)
      } catch (error) {
        // The executor was shut down: nothing more can be sent.
        for (const job of jobs) this.#jobs.delete(job)
        this.#forming = []
        this.#abort(error, 'the executor was shut down')
        return false
      }
    }
    return true
  }

  #awaitRoom(): void {
    if (this.#awaitingRoom) return
    this.#awaitingRoom = true
    // Outside of every scope: it is not the caller who waits.
    callIn(undefined, () => this.#setup.runner.ready()).then(
      () => {
        this.#awaitingRoom = false
        this.#send()
        this.#fill()
      },
      (error: unknown) => this.#abort(error, 'the executor was shut down'),
    )
  }

  #listen(): () => void {
    const { signal } = this.#setup
    const withdraw = currentScope()?.onCancel((reason) => this.#abort(new CancelledError(reason), reason))
    const abort = () => this.#abort(new CancelledError(signal?.reason), signal?.reason)
    if (signal?.aborted) abort()
    const ignore = signal && onAbort(signal, abort)
    return () => {
      withdraw?.()
      ignore?.()
    }
  }

  /** Everything was given out, or never will be. */
  #end(): void {
    this.#withdraw()
    clearTimeout(this.#deadline)
  }

  /** Ends it with an error after what can be given out at once. */
  #abort(error: unknown, reason: unknown): void {
    const nothingLeft = this.#inputState === 'ended' && this.#jobs.size === 0 && this.#forming.length === 0
    if (this.#state === 'closed' || nothingLeft) return
    const last: MapSlot[] = []
    for (const slot of this.#slots) {
      if (slot.state === 'waiting') break
      last.push(slot)
    }
    void this.#close(reason, [...last, MapSlot.failed(this, error)])
  }

  /** Cancels what was sent and closes the input; `last` is still given out. The promise is of the input's clean-up. */
  #close(reason: unknown, last: readonly MapSlot[] = []): Promise<unknown> | undefined {
    if (this.#state === 'closed') return undefined
    const reading = this.#inputState === 'reading'
    const open = this.#inputState !== 'ended'
    this.#state = 'closed'
    this.#inputState = 'ended'
    this.#end()
    for (const slot of this.#slots) if (slot.state === 'waiting') slot.state = 'dropped'
    for (const job of this.#jobs) (job.listener as MapSlot).state = 'dropped'
    this.#slots.filter(() => false)
    for (const slot of last) this.#slots.push(slot)
    this.#forming = []
    for (const job of [...this.#jobs]) this.#setup.runner.cancel(job, reason)
    this.#deliver()
    if (!open) return undefined
    const closed = new Promise((resolve) => resolve(this.#input.return?.())) // it may throw at once, too
    // A read that is under way may never end: nobody waits for what comes after it.
    return reading ? undefined : closed
  }

  #settled(): Promise<void> | undefined {
    if (this.#jobs.size === 0) return undefined
    return new Promise((resolve) => {
      const others = this.#idle
      this.#idle = () => {
        others?.()
        resolve()
      }
    })
  }
}

function iteratorOf<I>(items: Iterable<I> | AsyncIterable<I>): Iterator<I> | AsyncIterator<I> {
  const source = items as (Iterable<I> & AsyncIterable<I>) | null | undefined
  if (typeof source?.[Symbol.asyncIterator] === 'function') return source[Symbol.asyncIterator]()
  if (typeof source?.[Symbol.iterator] === 'function') return source[Symbol.iterator]()
  throw invalidArgument('items', 'an iterable or an async iterable', items)
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function'
}
