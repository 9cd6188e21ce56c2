// The local AWS endpoint in a process of its own, so that what it costs is not counted as the scan's: prints its environment, runs until killed.
// usage: endpoint.ts INSTANCE-ID LATENCY-MS IMAGE...
import { startLocalAws } from '../src/testing/index.js'

const [instanceId, latencyMs, ...images] = process.argv.slice(2)
if (!instanceId || !latencyMs || images.length === 0) throw new Error('usage: endpoint.ts INSTANCE-ID LATENCY-MS IMAGE...')
const aws = await startLocalAws({
  latencyMs: Number(latencyMs),
  requestsPerSecond: 1000,
  instances: [
    {
      instanceId,
      volumes: images.map((image, n) => ({
        volumeId: `vol-0be0c400000000a1${n}`,
        deviceName: `/dev/xvd${'af'[n] ?? 'g'}`,
        image,
      })),
    },
  ],
})
console.log(JSON.stringify(aws.env()))
