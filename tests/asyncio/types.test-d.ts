// Types only: compiled by `tsc -p tsconfig.json`, never run. Each claim has its opposite beside it.
import {
  type Awaitable,
  type Coroutine,
  checkCancelled,
  checkpoint,
  createTask,
  currentTask,
  ExceptionGroup,
  type Fiber,
  gather,
  isCancelled,
  run,
  shield,
  signal,
  sleep,
  type Task,
  taskGroup,
  timeout,
  until,
} from 'plait/asyncio'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only if the value has exactly this type. */
function exactly<Expected>() {
  return <Actual>(_value: Actual, ..._proof: Equal<Actual, Expected> extends true ? [] : [never]): void => {}
}

function* count(): Fiber<number> {
  yield* sleep('1s')
  return 5
}

export async function ofRun(): Promise<void> {
  exactly<Promise<number>>()(run(async () => 1))
  exactly<Promise<string>>()(run(() => 'plain'))
  exactly<Promise<number>>()(run(count))
  exactly<Promise<boolean>>()(run(() => sleep(1, true as boolean)))
  exactly<Promise<number>>()(
    run(async () => 1, {
      name: 'main',
      signal: AbortSignal.abort(),
      handleSigint: false,
      onUnhandled: (error, task) => {
        exactly<unknown>()(error)
        exactly<string | undefined>()(task?.name)
        // @ts-expect-error: it may have been collected
        task.name
      },
    }),
  )
  // @ts-expect-error: a number is no coroutine
  run(5)
  // @ts-expect-error: a promise is no coroutine
  run(Promise.resolve(5))
  // @ts-expect-error: there is no such option
  run(async () => 1, { sigint: true })
  // @ts-expect-error: the result is a number
  const wrong: string = await run(async () => 1)
  void wrong
}

export async function ofTasks(): Promise<void> {
  exactly<Task<number>>()(createTask(async () => 1))
  exactly<Task<string>>()(createTask(() => 'x', { name: 'x', eager: true }))
  exactly<Task<number>>()(createTask(count))
  exactly<Task<number>>()(createTask(() => sleep(1, 1 as number)))
  const task = createTask(async () => 'text')
  exactly<string>()(await task)
  exactly<string>()(task.result())
  exactly<unknown>()(task.exception())
  exactly<boolean>()(task.done())
  exactly<boolean>()(task.cancelled())
  exactly<boolean>()(task.cancelling())
  exactly<boolean>()(task.cancel('reason'))
  exactly<string>()(task.name)
  exactly<number>()(task.id)
  task.addDoneCallback((done) => exactly<string>()(done.result()))
  const length: number = await task.then((text) => text.length)
  void length
  const either: string | number = await task.catch(() => 5)
  void either
  const same: string = await task.finally(() => {})
  void same
  const awaitable: Awaitable<string> = task
  void awaitable
  const current: Task<unknown> | undefined = currentTask()
  void current
  // @ts-expect-error: there may be none
  currentTask().name
  // @ts-expect-error: no arguments are passed to a coroutine
  createTask((n: number) => n)
  // @ts-expect-error: a task gives a string
  const wrong: number = await task
  void wrong
}

export function* ofFibers(): Fiber<void> {
  exactly<string>()(yield* sleep(1, 'x' as string))
  exactly<number>()(yield* createTask(async () => 1))
  exactly<number>()(yield* createTask(count))
  exactly<[number, string]>()(
    yield* gather(
      async () => 1,
      () => 'x',
    ),
  )
  exactly<string>()(yield* until(Promise.resolve('x')))
  exactly<number>()(yield* timeout('1s', async () => 1))
  exactly<number>()(yield* taskGroup(() => count()))
  exactly<number>()(yield* shield(count))
  exactly<number>()(yield* count())
  yield* checkpoint()
  // @ts-expect-error: it is a string
  const wrong: number = yield* sleep(1, 'x' as string)
  void wrong
  // @ts-expect-error: a promise has to go through until()
  yield* Promise.resolve(1)
}

export async function ofGather(items: (() => Promise<number>)[], promises: Promise<string>[]): Promise<void> {
  const task = createTask(async () => true as boolean)
  exactly<[number, string, boolean, number, null]>()(
    await gather(
      async () => 1,
      () => 'x',
      task,
      count,
      Promise.resolve(null),
    ),
  )
  exactly<[number, string, boolean, number, null]>()(
    await gather([async () => 1, () => 'x', task, count, Promise.resolve(null)]),
  )
  const list: number[] = await gather(items)
  void list
  const spread: number[] = await gather(...items)
  void spread
  const texts: string[] = await gather(promises)
  void texts
  const none: unknown[] = await gather()
  void none
  const strict: number[] = await gather(items, { returnExceptions: false })
  void strict
  // @ts-expect-error: with returnExceptions an error may stand there
  const loose: number[] = await gather(items, { returnExceptions: true })
  void loose
  // @ts-expect-error: the second is a string
  const wrong: [number, number] = await gather(
    async () => 1,
    () => 'x',
  )
  void wrong
  // @ts-expect-error: there are two
  const three: [number, number, number] = await gather([async () => 1, async () => 2])
  void three
  // @ts-expect-error: a number can be neither started nor awaited
  await gather(5)
}

export async function ofGroups(): Promise<void> {
  exactly<number>()(
    await taskGroup(async (tg) => {
      exactly<Task<string>>()(tg.createTask(async () => 'x', { name: 'x' }))
      const port = await tg.start<number>(async ({ started }) => {
        // @ts-expect-error: the port is a number
        started('8080')
        started(8080)
      })
      exactly<number>()(port)
      tg.cancel('reason')
      // @ts-expect-error: there is no eager child
      tg.createTask(async () => 1, { sometimes: true })
      return 1
    }),
  )
  await taskGroup(() => {}, { name: 'workers' })
}

export async function ofScopes(): Promise<void> {
  exactly<number>()(
    await timeout('1s', async (t) => {
      const when: number | null = t.when()
      t.reschedule(null)
      t.reschedule('2m')
      exactly<boolean>()(t.expired())
      // @ts-expect-error: it may be null
      const wrong: number = t.when()
      void wrong
      return when === null ? 1 : 2
    }),
  )
  await timeout(null, count)
  await timeout(50, count)
  exactly<AbortSignal>()(signal())
  exactly<void>()(checkCancelled())
  // @ts-expect-error: no such unit
  await timeout('1d', count)
  // @ts-expect-error: no unit
  await sleep('10')
  // @ts-expect-error: a body is needed
  await timeout('1s')
  // @ts-expect-error: not a promise
  await until(5)
}

export function ofErrors(error: unknown, group: ExceptionGroup): void {
  if (isCancelled(error)) {
    exactly<unknown>()(error.reason)
    exactly<unknown>()(error.task)
  }
  // @ts-expect-error: only once it is known
  error.reason
  const part: ExceptionGroup | undefined = group.subgroup((e) => e instanceof TypeError)
  void part
  const [match, rest]: [ExceptionGroup | undefined, ExceptionGroup | undefined] = group.split(() => true)
  // @ts-expect-error: it may be undefined
  match.errors
  void rest
  const aggregate: AggregateError = new ExceptionGroup([1, 'x', new Error('x')], 'message')
  void aggregate
}

export const coroutines: Coroutine<number>[] = [
  async () => 1,
  () => 1,
  () => sleep(1, 1),
  () => createTask(() => 1),
  count,
  function* () {
    yield* sleep(1)
    return 1
  },
  // @ts-expect-error: gives a string
  async () => 'x',
]
