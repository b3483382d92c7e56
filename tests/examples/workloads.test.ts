import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as asyncio from 'plait/asyncio'
import { compress } from '../../examples/workloads/compress.ts'
import { download } from '../../examples/workloads/download.ts'
import { packageFiles } from '../../examples/workloads/files.js'
import { sha256 } from '../../examples/workloads/sha256.ts'

const INSTALLED = fileURLToPath(new URL('../../node_modules', import.meta.url))
const SERVER = fileURLToPath(new URL('../../examples/workloads/server.js', import.meta.url))

describe('workloads', { timeout: 60_000 }, () => {
  let server: ChildProcess
  let base: string

  before(async () => {
    server = fork(SERVER, [INSTALLED], { execArgv: [] })
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    base = `http://127.0.0.1:${port}/`
  })

  after(async () => {
    const ended = once(server, 'exit')
    server.disconnect()
    assert.deepEqual(await ended, [0, null], 'the server ends with whoever started it')
  })

  test('workloads › there are 160 different files, none of them small', () => {
    const files = packageFiles(INSTALLED, 160)
    assert.equal(new Set(files.map((file) => file.path)).size, 160)
    assert.ok(files.every((file) => file.length >= 24_000))
  })

  test('workloads › a download arrives whole', async () => {
    for (const file of packageFiles(INSTALLED, 3)) {
      assert.equal(await download(base + file.name, file.length, file.sha256), file.length)
    }
  })

  test('workloads › a download that fails says which one, and why', async () => {
    const [file] = packageFiles(INSTALLED, 1)
    const url = base + file!.name
    await assert.rejects(download(`${base}no/such.js`, 1, ''), /no\/such\.js: 404 Not Found/)
    await assert.rejects(download(`${base}..%2fpackage.json`, 1, ''), /404 Not Found/)
    await assert.rejects(download(url, file!.length + 1, file!.sha256), /bytes came/)
    await assert.rejects(download(url, file!.length, '00'), /SHA-256/)
  })

  test('workloads › a download ends when its task is cancelled', async () => {
    const file = packageFiles(INSTALLED, 40).reduce((a, b) => (a.length > b.length ? a : b))
    await assert.rejects(
      asyncio.run(() => asyncio.timeout('1ms', () => download(base + file.name, file.length, file.sha256))),
      { code: 'PLAIT_TIMEOUT' },
    )
  })

  test('workloads › the hash in plain JavaScript is SHA-256', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 100_000]) {
      const data = Uint8Array.from({ length }, (_, at) => at * 31)
      assert.equal(sha256(data), createHash('sha256').update(data).digest('hex'), `${length} bytes`)
    }
  })

  test('workloads › a compressed file is smaller, and always the same', () => {
    const [file] = packageFiles(INSTALLED, 1)
    const first = compress(file!.path)
    assert.equal(first.length, file!.length)
    assert.ok(first.packed < first.length)
    assert.deepEqual(compress(file!.path), first)
  })
})
