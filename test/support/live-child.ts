// Works on a mounted filesystem until it is killed: `live-child.ts FOLDER SEED`.
import { LiveWork } from './live-work.js'
import { Random } from './random.js'

const [, , folder, seed] = process.argv
new LiveWork(folder!, new Random(Number(seed))).run(Number.POSITIVE_INFINITY)
