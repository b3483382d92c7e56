import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { type Duration, toMilliseconds } from '../core/index.ts'
import type { ChooseFlags } from './choose-command.ts'

const CHOOSE_HELP = `
Example:
  plait choose resize.ts#resize --args '[["a.png"], ["b.png"]]' --count 5000 --html report.html

--args takes a JSON list with one list of arguments for each call, or @FILE with such a list. A list
without lists in it, as [1, 2], is one argument for each call. With --count the lists are used again
from the start. Short functions are called more often than that: it has to be safe to call them.

Exit status: 0 done, 1 the work failed, 2 the call was wrong, 130 interrupted.`

/** The command line of `plait`. */
export function makeProgram(signal: AbortSignal): Command {
  const program = new Command('plait')
    .description('Tasks, threads and processes for TypeScript: measures which of them fits.')
    .version(versionOf(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'plait:')) })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', "\nExample:\n  plait choose work.ts#resize --args '[[1], [2]]'\n")
    .showHelpAfterError('Run plait --help to see what there is.')
  program
    .command('choose')
    .description('run a function in sequence, on the event loop, in threads and in processes; say which fits')
    .argument('<FILE#FUNCTION>', 'module (JavaScript or TypeScript) and the name of its export')
    .option('--args <json>', 'argument lists of the calls, inline or @FILE')
    .option('--count <n>', 'calls of the whole job (default: one for each argument list)', wholeNumber)
    .option('--workers <n,…>', 'worker counts to measure (default: the number of cores)', wholeNumbers)
    .option('--timeout <time>', 'how long one call may take, such as 500ms or 2m (default: 30s)', duration)
    .option('--budget <time>', 'how long to sample each way of running, about (default: 1s)', duration)
    .option('--json', 'print the answer as JSON')
    .option('--html <file>', 'write a report with timelines, one self-contained page')
    .option('--open', 'open the report in the browser')
    .addHelpText('after', CHOOSE_HELP)
    .showHelpAfterError('Run plait choose --help to see what there is.')
    .action(async (target: string, flags: ChooseFlags) => {
      const { chooseCommand } = await import('./choose-command.ts')
      await chooseCommand(target, flags, signal)
    })
  return program
}

function versionOf(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected a whole number from 1 on.')
  return value
}

function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber)
}

function duration(text: string): `${number}ms` {
  try {
    const ms = toMilliseconds((/^[\d.]+$/.test(text) ? Number(text) : text) as Duration, '--timeout')
    if (ms > 0) return `${ms}ms`
  } catch {
    // The message below says the same for all of them.
  }
  throw new InvalidArgumentError('Expected a time such as 500ms, 30s or 2m.')
}
