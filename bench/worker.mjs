// One scan in a process of its own, over the built library: prints what it cost as one line of JSON.
// usage: worker.mjs image FILE... | worker.mjs instance ID
import { scanImages, scanInstance } from '../dist/index.js'

const [how, ...what] = process.argv.slice(2)
const started = performance.now()
const result = how === 'image' ? await scanImages(what) : await scanInstance({ instanceId: what[0] })
const milliseconds = performance.now() - started
const { packages, stats, status, issues } = result
if (status !== 'complete') throw new Error(`the scan is ${status}: ${issues[0]?.message}`)
console.log(
  JSON.stringify({
    milliseconds,
    blocks: stats.blocks,
    bytes: stats.bytes,
    requests: stats.requests,
    usd: stats.usd,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    packages: packages.map(({ name, version, arch }) => `${name} ${version} ${arch}`).sort(),
  }),
)
