#!/usr/bin/env node
// The command `plait`. Exit status: 0 done, 1 the work failed, 2 the call was wrong, 130 interrupted.

import { CommanderError } from 'commander'
import { isCancelled } from '../core/index.ts'
import { makeProgram } from './program.ts'
import { Refusal } from './refusal.ts'
import { styleOf } from './style.ts'

const INTERRUPTED = 130

// `plait … | head`: whoever reads has seen enough.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
}

const interrupt = new AbortController()
process.on('SIGINT', () => {
  if (interrupt.signal.aborted) process.exit(INTERRUPTED)
  interrupt.abort('Ctrl-C')
})
process.once('SIGTERM', () => process.exit(128 + 15))
process.once('SIGHUP', () => process.exit(128 + 1))

try {
  await makeProgram(interrupt.signal).parseAsync()
} catch (error) {
  process.exitCode = statusOf(error)
}

/** Says what went wrong, unless that was said, and gives the exit status for it. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const { bold, dim, red } = styleOf(process.stderr)
  if (isCancelled(error)) {
    process.stderr.write(`${red('plait:')} interrupted; the workers were ended\n`)
    return INTERRUPTED
  }
  if (error instanceof Refusal) {
    const hint = error.hint === undefined ? '' : `${dim(error.hint)}\n`
    process.stderr.write(`${red('plait:')} ${bold(error.message)}\n${hint}`)
    return error.status
  }
  process.stderr.write(
    `${red('plait:')} this is a defect of plait; please report it\n${(error as Error)?.stack ?? error}\n`,
  )
  return 1
}
