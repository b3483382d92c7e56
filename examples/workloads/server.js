// A web server as far away as another city: every answer begins 40 ms late, every connection carries 2 MB a
// second. It runs in a process of its own, so that its processor time is nobody else's, and ends with the
// process that started it.
//
//   node server.js FOLDER      serves the files of FOLDER on a free port of 127.0.0.1 and tells it
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const LATENCY_MS = 40
const BYTES_PER_MS = 2_000
const TICK_MS = 4

const folder = resolve(process.argv[2] ?? '.')

const server = createServer(async (request, response) => {
  try {
    const received = performance.now()
    const path = resolve(
      folder,
      `.${decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)}`,
    )
    const content = path.startsWith(folder + sep) ? await readFile(path).catch(() => undefined) : undefined
    await sleep(Math.max(0, LATENCY_MS - (performance.now() - received)))
    if (content === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
      return
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length })
    await pour(content, response)
  } catch (error) {
    response.destroy(error instanceof Error ? error : undefined)
  }
})

/** Writes as many bytes as the line could carry since the first. */
async function pour(content, response) {
  const begun = performance.now()
  let sent = 0
  while (sent < content.length && !response.destroyed) {
    await sleep(TICK_MS)
    const due = Math.min(content.length, Math.ceil((performance.now() - begun) * BYTES_PER_MS))
    response.write(content.subarray(sent, due))
    sent = due
  }
  response.end()
}

server.listen(0, '127.0.0.1', () => {
  const port = server.address().port
  if (process.send === undefined) console.log(`http://127.0.0.1:${port}/`)
  else process.send({ port })
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches all processes of a terminal; the one that started this one decides when to end it.
if (process.send !== undefined) process.on('SIGINT', () => {})
