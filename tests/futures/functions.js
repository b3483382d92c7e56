// Functions that the tests run elsewhere. What they have to tell besides their result they write to a file.
import { appendFileSync, existsSync } from 'node:fs'
import { checkCancelled, checkpoint, currentTask, signal, sleep, taskGroup } from 'plait/asyncio'
import { registerClass, workerInfo } from 'plait/futures'

export const add = (a, b) => a + b
export const identity = (value) => value
export const where = () => workerInfo()
export const environment = (name) => process.env[name]
export const title = () => process.title
export const workingDirectory = () => process.cwd()

export async function later(value) {
  await sleep(1)
  return value
}

export function* fiber(value) {
  yield* sleep(1)
  return value + 1
}

export function append(file, text) {
  appendFileSync(file, `${text}\n`)
  return text
}

/** Waits until the file exists: how a test lets it go on. */
export async function waitFor(file, value) {
  while (!existsSync(file)) await sleep(2)
  return value
}

export const waitForOne = ([file, value]) => (file === '' ? value : waitFor(file, value))

export async function waitAndAppend(paths) {
  const [gate, file, text] = paths.split(' ')
  await waitFor(gate, 0)
  append(file, text)
}

export const forEverIfFile = (file) => (file === '' ? 'quick' : waitForEver(file))

export const stuckIfFile = (file) => (file === '' ? 'quick' : stuckForEver(file))

/** Says that it runs, then waits for ever. */
export async function waitForEver(file) {
  appendFileSync(file, 'started\n')
  try {
    await sleep('1h')
  } finally {
    appendFileSync(file, 'cleaned up\n')
  }
}

export async function waitForSignal(file) {
  appendFileSync(file, 'started\n')
  const aborted = signal()
  await new Promise((resolve) => aborted.addEventListener('abort', resolve, { once: true }))
  return `aborted: ${aborted.aborted}`
}

/** Ignores its first cancellation and gives a value all the same. */
export async function stubborn(file) {
  appendFileSync(file, 'started\n')
  try {
    await sleep('1h')
  } catch {
    return 'my own value'
  }
  return 'never'
}

export function computeForEver(file) {
  appendFileSync(file, 'started\n')
  for (;;) checkCancelled()
}

export function stuckForEver(file) {
  appendFileSync(file, 'started\n')
  for (;;);
}

export async function cancelsItself() {
  currentTask().cancel('by itself')
  await checkpoint()
}

export async function startsChildren(file) {
  await taskGroup((group) => {
    for (let i = 0; i < 3; i++) {
      group.createTask(async () => {
        await sleep(2)
        append(file, `child ${i}`)
      })
    }
  })
}

export class PaymentError extends Error {
  code = 'NO_MONEY'
  amount
  constructor(amount, cause) {
    super(`cannot pay ${amount}`, { cause })
    this.amount = amount
  }
}
Object.defineProperty(PaymentError.prototype, 'name', { value: 'PaymentError' })
registerClass(PaymentError)

export function failToPay(amount) {
  throw new PaymentError(amount, new RangeError('empty'))
}

export async function failLater(message) {
  await sleep(1)
  throw new TypeError(message)
}

let failures = 0
/** Fails that many times in a row, then gives the number of its attempts and starts over. */
export function failTimes(times) {
  if (failures++ < times) throw new TypeError(`attempt ${failures}`)
  const attempts = failures
  failures = 0
  return attempts
}

/** Odd numbers fail. */
export function evenOnly(n) {
  if (n % 2 === 1) throw new RangeError(`odd: ${n}`)
  return n
}

/** Kills its worker the first time it is called for that file. */
export function dieOnce(file) {
  if (existsSync(file)) return 'second attempt'
  appendFileSync(file, 'died\n')
  process.exit(7)
}

let ready = ''
export function prepare(file, value) {
  ready = value
  appendFileSync(file, `prepared ${process.pid}\n`)
}
export const prepared = () => ready
export function failToPrepare(file) {
  appendFileSync(file, 'failed\n')
  throw new PaymentError(3)
}
export function tidyUp() {
  appendFileSync(process.env.TIDY_FILE, 'tidied\n')
}

// The ways to die.
export function exitWith(n, code, victim) {
  if (n === victim) process.exit(code)
  return n
}
export const exitAt500 = (n) => exitWith(n, 3, 500)
export function killAt500(n) {
  if (n === 500) {
    process.kill(process.pid, 'SIGKILL')
    for (;;);
  }
  return n
}
export const abort = () => process.abort()
export async function throwFromTimer() {
  setTimeout(() => {
    throw new PaymentError(5)
  }, 1)
  await sleep('1h')
}
export function throwWhenIdle() {
  setTimeout(() => {
    throw new PaymentError(8)
  }, 20)
}
export async function rejectUnhandled() {
  void Promise.reject(new PaymentError(6))
  await sleep('1h')
}
export function useUpMemory() {
  const all = []
  for (;;) all.push(new Array(100_000).fill(1.5))
}
export function printAndExit() {
  process.stdout.write('first words, ')
  process.stdout.write('last words\n')
  process.exit(4)
}

// What cannot be cloned.
export const giveFunction = () => ({ list: [1, () => 1] })
export function throwUncloneable() {
  throw Object.assign(new TypeError('with a function in it'), { callback: () => 1, level: 4 })
}
export function throwCyclic() {
  const error = new TypeError('cyclic')
  error.self = error
  error.cause = error
  throw error
}
export function throwNothing() {
  throw undefined
}

/** Starts a process that would live on for an hour, and gives its pid. */
export async function startGrandchild() {
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3_600_000)'], { stdio: 'ignore' })
  return child.pid
}
