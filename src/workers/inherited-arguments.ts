/** Options that say what the program itself is to run, with the value that follows them. */
const WITH_VALUE = new Set([
  '-e',
  '--eval',
  '-p',
  '--print',
  '-pe',
  '--watch-path',
  '--input-type',
  '--test-name-pattern',
  '--test-reporter',
  '--test-reporter-destination',
  '--inspect-port',
  '--debug-port',
])
const ALONE =
  /^(-i|--interactive|-c|--check|--watch|--watch-preserve-output|--test|--test-only|--test-force-exit)$/
const JOINED =
  /^--(eval|print|watch-path|input-type|inspect(-brk|-wait|-port)?|debug-port|test-[a-z-]+|cpu-prof|heap-prof)(=|$)/

/**
 * Options of Node for a worker process: the program's own, without what would make it run the program's text again,
 * watch files, run tests, or fight for the debugger's port.
 */
export function inheritedArguments(all: readonly string[] = process.execArgv): string[] {
  const kept: string[] = []
  for (let i = 0; i < all.length; i++) {
    const argument = all[i]!
    if (WITH_VALUE.has(argument)) i += 1
    else if (!ALONE.test(argument) && !JOINED.test(argument)) kept.push(argument)
  }
  return kept
}
