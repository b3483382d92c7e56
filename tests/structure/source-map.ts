import { readFileSync } from 'node:fs'

/** One row of `src/README.md`. */
export interface MapRow {
  /** Relative to `src`, such as `core` or `choose/report`; a file at the top: `errors.ts`. */
  readonly room: string
  readonly what: string
  /** Layers that it may import. */
  readonly mayImport: readonly string[]
  /** npm packages that it may import. */
  readonly packages: readonly string[]
  readonly hardFile: string
  /** Relative to the repository. */
  readonly tests: readonly string[]
}

/** The table of the map. Its cells are code words (`core`) separated by commas, or a dash for none. */
export function readMap(path: string): MapRow[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  const rows = lines.filter((line) => line.startsWith('| `'))
  return rows.map((line) => {
    const cells = line.split('|').slice(1, -1)
    if (cells.length !== 6) throw new Error(`${path}: a row of the map has 6 cells: ${line}`)
    const [room, what, mayImport, packages, hardFile, tests] = cells.map((cell) => cell.trim())
    return {
      room: words(room!)[0]!.replace(/\/$/, ''),
      what: what!,
      mayImport: words(mayImport!),
      packages: words(packages!),
      hardFile: words(hardFile!)[0] ?? '',
      tests: words(tests!),
    }
  })
}

function words(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)
}
