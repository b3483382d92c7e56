// Holds the code in the documentation to the examples, which run, and its links to the files.
//
// A block is included by a comment on the line before it:
//   <!-- example: examples/gather.ts -->      followed by a block of TypeScript: the program
//   <!-- output: examples/gather.ts -->       followed by a block of text: what it prints
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, test } from 'node:test'
import { parseExample } from '../structure/example.ts'

interface Block {
  readonly line: number
  readonly language: string
  readonly text: string
  /** From the comment before it. */
  readonly include: { kind: 'example' | 'output'; path: string } | undefined
}

const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...['docs', 'bench', 'src', 'examples'].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[])
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((name) => name.endsWith('.md')),
  ),
]

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  for (const match of text.matchAll(/^(?:<!-- (example|output): (\S+) -->\n)?```(\w*)\n([\s\S]*?)^```$/gm)) {
    const [, kind, path, language, body] = match
    const include = path === undefined ? undefined : { kind: kind as 'example' | 'output', path }
    blocks.push({
      line: text.slice(0, match.index).split('\n').length,
      language: language!,
      text: body!,
      include,
    })
  }
  return blocks
}

/** What is wrong with a page's blocks of code. */
function problemsOf(page: string, text: string): string[] {
  return blocksOf(text).flatMap(({ line, language, text, include }) => {
    // A reference page may show a signature, which does not run; a README or a tutorial shows programs.
    if (include === undefined) {
      const program = ['ts', 'js', 'typescript', 'javascript'].includes(language)
      return program && !/^docs\/(reference|design|decisions)\//.test(page)
        ? [`${page}:${line}: a program that is not from examples/`]
        : []
    }
    if (!existsSync(include.path)) return [`${page}:${line}: ${include.path} does not exist`]
    const example = parseExample(include.path, readFileSync(include.path, 'utf8'))
    const expected =
      include.kind === 'example' ? example.program : (example.output ?? []).map((row) => `${row}\n`).join('')
    return text === expected ? [] : [`${page}:${line}: is not the ${include.kind} of ${include.path}`]
  })
}

/** Links to files of the repository that are not there. */
function brokenLinks(page: string, text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^(https?:|mailto:|#)/.test(link))
    .filter((link) => !existsSync(posix.join(posix.dirname(page), link.split('#')[0]!)))
    .map((link) => `${page}: ${link}`)
}

describe('documentation', () => {
  for (const page of pages) {
    const text = readFileSync(page, 'utf8')
    test(`the code of ${page} is that of the examples`, () => assert.deepEqual(problemsOf(page, text), []))
    test(`the links of ${page} lead somewhere`, () => assert.deepEqual(brokenLinks(page, text), []))
  }

  test('the README shows programs, and is short', () => {
    const readme = readFileSync('README.md', 'utf8')
    assert.ok(blocksOf(readme).filter(({ include }) => include !== undefined).length >= 2)
    assert.ok(readme.split('\n').length <= 150)
  })

  test('a stale block, a program from nowhere and a broken link are found', () => {
    const page = [
      '<!-- example: examples/gather.ts -->\n```ts\nawait gather()\n```',
      '<!-- output: examples/gather.ts -->\n```text\nTask 2\n```',
      '<!-- output: examples/nowhere.ts -->\n```text\n```',
      '```ts\nawait gather()\n```',
      '```sh\nnpm ci\n```',
    ].join('\n\n')
    assert.equal(problemsOf('README.md', page).length, 4)
    assert.equal(problemsOf('docs/reference/x.md', page).length, 3)
    assert.deepEqual(
      brokenLinks('docs/x.md', '[a](nowhere.md) [b](../README.md#top) [c](https://example.org)'),
      ['docs/x.md: nowhere.md'],
    )
  })
})
