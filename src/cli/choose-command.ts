import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { ChooseResult } from '../choose/index.ts'
import { ExceptionGroup, isCancelled, RemoteError } from '../core/index.ts'
import { startProgress } from './progress.ts'
import { readArgs } from './read-args.ts'
import { Refusal } from './refusal.ts'
import { styleOf } from './style.ts'
import { readTarget, type Target } from './target.ts'
import { checkWritable } from './writable.ts'

const MOVE_IT =
  'The whole module is imported before its function is called; if it is a program, move the function to a module of its own.'

/** Options as the command line gives them. */
export interface ChooseFlags {
  readonly args?: string
  readonly count?: number
  readonly workers?: readonly number[]
  readonly timeout?: `${number}ms`
  readonly budget?: `${number}ms`
  readonly json?: boolean
  readonly html?: string
  readonly open?: boolean
}

/**
 * `plait choose FILE#FUNCTION`.
 *
 * @param signal aborted by Ctrl-C
 * @throws {Refusal} for everything that is not the answer
 */
export async function chooseCommand(text: string, flags: ChooseFlags, signal: AbortSignal): Promise<void> {
  const target = readTarget(text)
  const args = flags.args === undefined ? undefined : readArgs(flags.args)
  if (flags.html !== undefined) checkWritable('--html', flags.html)
  const result = await measured(target, args, flags, signal)
  const html = await writeReport(target, result, flags)
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ target: target.title, ...result }, null, 2)}\n`)
  } else {
    const { chooseScreen } = await import('./choose-screen.ts')
    const width = process.stdout.columns ?? 120
    process.stdout.write(chooseScreen(target.title, result, width, styleOf(process.stdout)))
  }
  if (html !== undefined) {
    const shown = relative(process.cwd(), html)
    ;(flags.json ? process.stderr : process.stdout).write(
      `\nReport: ${shown.startsWith('..') ? html : shown}\n`,
    )
    if (flags.open) await show(html)
  }
}

async function measured(
  target: Target,
  args: unknown[] | undefined,
  flags: ChooseFlags,
  signal: AbortSignal,
): Promise<ChooseResult> {
  const { chooseExport } = await import('../choose/index.ts')
  const progress = await startProgress(target.title)
  try {
    return await chooseExport(target.url, target.name, args, {
      ...(flags.count === undefined ? {} : { count: flags.count }),
      ...(flags.workers === undefined ? {} : { workers: flags.workers }),
      ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }),
      ...(flags.budget === undefined ? {} : { budget: flags.budget }),
      signal,
      onProgress: (at) => progress.show(at),
    })
  } catch (error) {
    if (isCancelled(error)) throw error
    throw refusalOf(error, target) ?? error
  } finally {
    progress.end()
  }
}

function refusalOf(error: unknown, target: Target): Refusal | undefined {
  const { code } = error as { code?: unknown }
  if (code === 'PLAIT_INVALID_ARGUMENT') return new Refusal(2, `${target.title}: ${(error as Error).message}`)
  if (error instanceof RemoteError) {
    const text = `${target.title} cannot be imported: ${error.message}${syntaxPlace(error, target)}`
    return new Refusal(1, text, MOVE_IT)
  }
  if (error instanceof ExceptionGroup) {
    const errors = error.errors as RemoteError[]
    const messages = errors.map((one) => `  ${one.message}`)
    const hints = new Set(errors.map(({ remote }) => remote.fields.hint).filter((hint) => hint !== undefined))
    const hint = hints.size === 0 ? undefined : [...hints].join('\n')
    return new Refusal(1, `no model could run ${target.title}:\n${messages.join('\n')}`, hint)
  }
  return undefined
}

/** A syntax error does not say where it is unless nobody catches it. Nothing has run by then, or will. */
function syntaxPlace({ message, remote }: RemoteError, { url }: Target): string {
  if (remote.name !== 'SyntaxError' || /:\d+\)$/.test(message)) return ''
  const again = spawnSync(process.execPath, ['--eval', `import(${JSON.stringify(url)})`], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  const lines = (again.stderr ?? '').split('\n', 3)
  return /^file:.*:\d+$/.test(lines[0] ?? '') ? `\n\n${lines.join('\n')}` : ''
}

async function writeReport(
  target: Target,
  result: ChooseResult,
  { html, open }: ChooseFlags,
): Promise<string | undefined> {
  if (html === undefined && !open) return undefined
  const { renderReport } = await import('../choose/index.ts')
  const file = html === undefined ? join(mkdtempSync(join(tmpdir(), 'plait-')), 'choose.html') : resolve(html)
  const page = renderReport(result, {
    title: target.title,
    command: `plait ${process.argv.slice(2).map(quoted).join(' ')}`,
    createdAt: new Date(),
    node: process.version,
    cores: result.model.cores,
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
  })
  try {
    writeFileSync(file, page)
  } catch (error) {
    throw new Refusal(1, `the report cannot be written: ${(error as Error).message}`)
  }
  return file
}

function quoted(word: string): string {
  return /^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

async function show(file: string): Promise<void> {
  try {
    const { default: open } = await import('open')
    const opener = await open(file)
    opener.on('error', () => undefined)
    opener.unref()
  } catch (error) {
    process.stderr.write(`plait: no browser could be opened: ${(error as Error).message}\n`)
  }
}
