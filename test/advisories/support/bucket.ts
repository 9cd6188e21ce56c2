import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface Bucket {
  readonly url: string
  /** `GET <path>` and its status, in order. */
  readonly requests: string[]
  /** Serves bytes under `/<name>/all.zip`, as Google Cloud Storage does. */
  put(name: string, bytes: Buffer): void
  /** Serves bytes under any path. */
  putFile(path: string, bytes: Buffer): void
  /** Answers the next requests for `/<name>/all.zip` by these instead. */
  misbehave(name: string, ...answers: Answer[]): void
  remove(name: string): void
}

/** An HTTP server in the manner of the public bucket. */
export async function startBucket(): Promise<Bucket> {
  const files = new Map<string, Buffer>()
  const faults = new Map<string, Answer[]>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    response.on('close', () => requests.push(`${path} ${response.statusCode}`))
    const fault = faults.get(path)?.shift()
    if (fault) return fault(request, response)
    serve(files.get(path), request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const pathOf = (name: string): string => `/${encodeURIComponent(name)}/all.zip`
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    put: (name, bytes) => void files.set(pathOf(name), bytes),
    putFile: (path, bytes) => void files.set(path, bytes),
    misbehave: (name, ...answers) => void faults.set(pathOf(name), answers),
    remove: (name) => void files.delete(pathOf(name)),
  }
}

function serve(bytes: Buffer | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (!bytes) {
    response.writeHead(404).end('<Error/>')
    return
  }
  const etag = `"${createHash('sha1').update(bytes).digest('hex')}"`
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end()
    return
  }
  const md5 = createHash('md5').update(bytes).digest('base64')
  response.writeHead(200, { etag, 'content-length': bytes.length, 'x-goog-hash': `crc32c=AAAAAA==, md5=${md5}` }).end(bytes)
}
