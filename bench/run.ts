// Whole scans, timed and counted. usage: npm run bench [-- ROW] [-- --smoke]
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { parseArgs, promisify } from 'node:util'
import { type BenchImage, debianImage, type ImageName, smokeImage } from './images.js'

const INSTANCE = 'i-0be0c400000000a10'
const exec = promisify(execFile)

/** What bench/worker.mjs prints. */
interface Cost {
  readonly milliseconds: number
  readonly blocks: number
  readonly bytes: number
  readonly requests: number
  readonly usd: number
  readonly peakBytes: number
  readonly packages: readonly string[]
}

interface Row {
  readonly name: string
  readonly what: string
  readonly image: ImageName
  /** Milliseconds of the endpoint's latency; absent for a local file. */
  readonly latencyMs?: number
}

const ROWS: readonly Row[] = [
  { name: 'file-ext4', what: 'local file, warm page cache', image: 'ext4' },
  { name: 'file-xfs', what: 'local file, warm page cache', image: 'xfs' },
  { name: 'endpoint-ext4', what: 'EBS direct APIs, 20 ms latency', image: 'ext4', latencyMs: 20 },
  { name: 'endpoint-xfs', what: 'EBS direct APIs, 20 ms latency', image: 'xfs', latencyMs: 20 },
]

const { values, positionals } = parseArgs({ allowPositionals: true, options: { smoke: { type: 'boolean' } } })
const rows = ROWS.filter((row) => positionals.length === 0 || positionals.includes(row.name))
if (rows.length === 0) throw new Error(`no such row; there are: ${ROWS.map((row) => row.name).join(', ')}`)
const runs = values.smoke ? 1 : 5

interface Measured {
  readonly row: Row
  readonly image: BenchImage
  readonly costs: readonly Cost[]
}
const measured: Measured[] = []
for (const row of rows) {
  const image = await (values.smoke ? smokeImage(row.image) : debianImage(row.image))
  const costs = await measure(row, image)
  const expected = measured.find((other) => other.image.paths[0] === image.paths[0])?.costs[0] ?? costs[0]
  if (costs.some(({ packages }) => packages.join() !== expected?.packages.join())) throw new Error(`${row.name} lists other packages`)
  measured.push({ row, image, costs })
}

const table = render(measured)
console.log(table)
mkdirSync('bench/results', { recursive: true })
const plain = measured.map(({ row, image, costs }) => ({
  ...row,
  image,
  costs: costs.map((cost) => ({ ...cost, packages: cost.packages.length })),
}))
writeFileSync('bench/results/latest.json', `${JSON.stringify({ date: new Date().toISOString(), rows: plain }, null, 2)}\n`)

async function measure({ latencyMs }: Row, image: BenchImage): Promise<Cost[]> {
  const endpoint = latencyMs === undefined ? undefined : await startEndpoint(latencyMs, image)
  const args = endpoint ? ['instance', INSTANCE] : ['image', ...image.paths]
  const costs: Cost[] = []
  try {
    for (let run = 0; run < runs; run++) {
      const { stdout } = await exec(process.execPath, ['bench/worker.mjs', ...args], {
        env: { ...process.env, ...endpoint?.env },
        maxBuffer: 64 * 1024 * 1024,
      })
      costs.push(JSON.parse(stdout) as Cost)
    }
  } finally {
    endpoint?.process.kill()
  }
  return costs
}

async function startEndpoint(latencyMs: number, { paths }: BenchImage): Promise<{ process: ChildProcess; env: Record<string, string> }> {
  const args = ['--import', 'tsx', 'bench/endpoint.ts', INSTANCE, String(latencyMs), ...paths]
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(process_.stdout!)) return { process: process_, env: JSON.parse(line) as Record<string, string> }
  throw new Error('the endpoint did not start')
}

function render(results: readonly Measured[]): string {
  const head = ['row', 'image', 'how', 'time', 'blocks read / written', 'MiB read', 'requests', 'US$', 'peak MiB', 'packages']
  const lines = results.map(({ row, image, costs }) => {
    const cost = costs[0]!
    const times = costs.map(({ milliseconds }) => milliseconds / 1000)
    return [
      row.name,
      image.name,
      row.what,
      `${median(times).toFixed(2)} s (${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)})`,
      `${cost.blocks} / ${image.writtenBlocks}`,
      (cost.bytes / 2 ** 20).toFixed(0),
      String(cost.requests),
      cost.usd.toFixed(4),
      (median(costs.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0),
      String(cost.packages.length),
    ]
  })
  const machine = `Median of ${runs}; Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`
  return [machine, '', row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
