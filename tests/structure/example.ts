import { readdirSync, readFileSync } from 'node:fs'

/** A program of `examples/`, split at the comment that says what it prints. */
export interface Example {
  readonly path: string
  /** Without the closing comment. */
  readonly program: string
  /** Expected lines; `undefined` if the program does not say what it prints. */
  readonly output: readonly string[] | undefined
  /** False if the lines may come in any order. */
  readonly ordered: boolean
}

const CLOSING = /^\/\/ (Unordered output|Output):\n((?:\/\/.*\n)*)$/m

export function parseExample(path: string, text: string): Example {
  const match = CLOSING.exec(text.endsWith('\n') ? text : `${text}\n`)
  if (match === null) return { path, program: text, output: undefined, ordered: true }
  const lines = match[2]!.split('\n').slice(0, -1)
  return {
    path,
    program: `${text.slice(0, match.index).trimEnd()}\n`,
    output: lines.map((line) => line.replace(/^\/\/ ?/, '')),
    ordered: match[1] === 'Output',
  }
}

/** The programs themselves; folders below hold what they import. */
export function readExamples(folder: string): Example[] {
  return readdirSync(folder)
    .filter((name) => /\.[tj]s$/.test(name))
    .sort()
    .map((name) => parseExample(`${folder}/${name}`, readFileSync(`${folder}/${name}`, 'utf8')))
}

/** What is wrong with what the program printed, as two lists to compare; equal if nothing is. */
export function compareOutput(example: Example, stdout: string): { expected: string[]; actual: string[] } {
  const actual = stdout.split('\n').slice(0, stdout.endsWith('\n') ? -1 : undefined)
  const expected = [...(example.output ?? [])]
  return example.ordered ? { expected, actual } : { expected: expected.sort(), actual: actual.sort() }
}
