import { afterAll, describe, expect, test } from 'vitest'
import { readDisk } from '../../src/disk/index.js'
import { BlockReader } from '../../src/io/block-reader.js'
import { FileSource } from '../../src/io/file-source.js'
import { oracleMissing, run, scratchFolder, sparseFile } from '../support/image.js'
import { Random } from '../support/random.js'
import { asSfdisk, expectedTable, type SfdiskTable } from '../support/sfdisk.js'

const missing = oracleMissing('sfdisk', 'sgdisk', 'partx')
if (missing) console.warn(`disk oracle tests skipped: ${missing}`)
const scratch = scratchFolder()
afterAll(() => scratch.remove())

const SECTORS = 512 * 2048
const TABLES = 20

async function readImage(image: string): Promise<Awaited<ReturnType<typeof readDisk>>> {
  const source = await FileSource.open(image)
  try {
    return await readDisk(new BlockReader(source))
  } finally {
    await source.close()
  }
}

const sfdisk = (device: string): SfdiskTable =>
  (JSON.parse(run('sfdisk', ['--json', device])) as { partitiontable: SfdiskTable }).partitiontable

function image(name: string): string {
  const path = `${scratch.path}/${name}.img`
  sparseFile(path, SECTORS * 512)
  return path
}

/** Ascending stretches of sectors with gaps between them, all inside `from`..`to`. */
function stretches(random: Random, count: number, from: number, to: number): readonly { start: number; size: number }[] {
  const slot = Math.floor((to - from) / count)
  return Array.from({ length: count }, (_, i) => {
    const start = from + i * slot + 1 + random.below(Math.floor(slot / 4))
    return { start, size: 1 + random.below(Math.floor(slot / 2)) }
  })
}

/** As libblkid, by which udev names partitions, reads the table. */
async function expectAsBlkid(path: string): Promise<void> {
  const table = run('partx', ['-b', '-g', '-r', '-o', 'NR,START,SECTORS,UUID', path])
  const expected = table
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  const ours = (await readImage(path)).partitions
  expect(ours.map(({ index, startByte, sizeBytes, uuid }) => [`${index}`, `${startByte / 512}`, `${sizeBytes / 512}`, uuid])).toEqual(
    expected,
  )
}

describe.skipIf(missing)('partition tables as sfdisk and libblkid read them', () => {
  test.for(Array.from({ length: TABLES }, (_, seed) => seed))('GPT %i', async (seed) => {
    const random = new Random(seed + 1)
    const path = image(`gpt-${seed}`)
    const numbers = [...new Set(Array.from({ length: 1 + random.below(20) }, () => 1 + random.below(128)))]
    const args = stretches(random, numbers.length, 4096, SECTORS - 4096).flatMap(({ start, size }, i) => {
      const type = random.pick(['8300', '8200', 'ef00', 'ef02', '8e00', 'fd00', '8304', '8305', '0700', '8302'])
      return [
        '-n',
        `${numbers[i]}:${start}:+${size}`,
        '-t',
        `${numbers[i]}:${type}`,
        '-c',
        `${numbers[i]}:${random.pick(['', 'root', 'é ü'])}`,
      ]
    })
    run('sgdisk', ['-a', '1', ...args, path])
    if (random.below(3) === 0) run('dd', ['if=/dev/urandom', `of=${path}`, 'bs=1', 'seek=540', 'count=30', 'conv=notrunc', 'status=none'])
    expect(asSfdisk(await readImage(path))).toEqual(expectedTable(sfdisk(path)))
    await expectAsBlkid(path)
  })

  test.for(Array.from({ length: TABLES }, (_, seed) => seed))('MBR %i', async (seed) => {
    const random = new Random(seed + 1)
    const path = image(`mbr-${seed}`)
    const [first, ...rest] = stretches(random, 1 + random.below(4), 2048, SECTORS)
    const extended = random.below(4) > 0 ? random.below(rest.length + 1) : -1
    const lines = [first!, ...rest].map(({ start, size }, i) => {
      const type = i === extended ? random.pick(['5', 'f', '85']) : random.pick(['83', '82', '8e', 'ef', '7', 'fd'])
      return `${i + 1}: start=${start}, size=${size}, type=${type}`
    })
    const inside = [first!, ...rest][extended]
    const logicals =
      inside && inside.size > 4096 ? stretches(random, 1 + random.below(8), inside.start + 64, inside.start + inside.size) : []
    logicals.forEach(({ start, size }, i) => {
      lines.push(`${i + 5}: start=${start + 1}, size=${size}, type=83`)
    })
    run('sfdisk', ['-q', path], { input: `label: dos\n${lines.join('\n')}\n` })
    if (logicals.length > 1) run('sfdisk', ['-q', '--delete', path, String(5 + random.below(logicals.length))])
    expect(asSfdisk(await readImage(path))).toEqual(expectedTable(sfdisk(path)))
    await expectAsBlkid(path)
  })
})
