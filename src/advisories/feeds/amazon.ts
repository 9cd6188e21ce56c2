import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { IoError, messageOf, ParseError } from '../../errors.js'
import { childOf, childrenOf, readXml, textOf, type XmlNode } from '../formats/xml.js'
import { fieldsOf } from '../osv-values.js'
import { streamFile } from '../sources/stream-file.js'
import type { RecordSource } from '../sources/types.js'
import { downloadFile, RefusedError } from './download.js'
import { servedAt } from './mirror.js'
import type { Feed, FeedRequest, FetchedFeed } from './types.js'

const CDN = 'https://cdn.amazonlinux.com'
/** Each names the mirrors of one repository. One architecture's updateinfo lists the packages of the others too. */
const MIRROR_LISTS = [
  'http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list',
  `${CDN}/2/core/latest/x86_64/mirror.list`,
  `${CDN}/al2023/core/mirrors/latest/x86_64/mirror.list`,
  `${CDN}/al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list`,
  `${CDN}/al2023/nvidia/mirrors/latest/x86_64/mirror.list`,
]
const EXTRAS_CATALOG = `${CDN}/2/extras-catalog.json`
const TOPIC = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/
const MAX_TOPICS = 1_000
/** Of the small files that lead to an updateinfo. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024

interface UpdateInfo {
  readonly url: string
  /** `sha256:…`, of the compressed file. */
  readonly checksum: string
}

/** Core, extras and the other repositories of Amazon Linux 1, 2 and 2023. */
export const amazonFeed: Feed = {
  name: 'Amazon Linux',
  license: 'https://aws.amazon.com/terms/',
  attribution: 'Amazon Linux Security Center',
  async fetch(request: FeedRequest): Promise<FetchedFeed | undefined> {
    const lists = [...MIRROR_LISTS, ...(await extrasLists(request))]
    const found: UpdateInfo[] = []
    for (const list of lists) found.push(...(await updateInfoOf(list, request)))
    if (found.length === 0) throw new IoError('no repository of Amazon Linux has an updateinfo')
    const hash = createHash('sha256')
      .update(found.map(({ checksum }) => checksum).join('\n'))
      .digest('hex')
    const url = servedAt(CDN, request.baseUrl)
    if (request.previous?.url === url && request.previous.hash === hash) return undefined
    const paths: string[] = []
    for (const [i, info] of found.entries()) paths.push(await downloadVerified(info, join(request.folder, `amazon-${i}`), request))
    return { source: joined(url, paths.map(streamFile.open)), validators: { url, hash } }
  },
}

function joined(path: string, sources: readonly RecordSource[]): RecordSource {
  return {
    path,
    async *documents(signal) {
      for (const source of sources) yield* source.documents(signal)
    },
  }
}

async function extrasLists(request: FeedRequest): Promise<string[]> {
  const text = await downloadText(servedAt(EXTRAS_CATALOG, request.baseUrl), request)
  try {
    const topics = fieldsOf(JSON.parse(text))?.topics
    const names = (Array.isArray(topics) ? topics : []).map((topic) => fieldsOf(topic)?.n)
    return names
      .filter((name): name is string => typeof name === 'string' && TOPIC.test(name))
      .slice(0, MAX_TOPICS)
      .map((name) => `${CDN}/2/extras/${name}/latest/x86_64/mirror.list`)
  } catch {
    throw new IoError('the catalogue of Amazon Linux extras is not JSON')
  }
}

/** None where the repository is gone or, as some extras, has no updateinfo. */
async function updateInfoOf(mirrorList: string, request: FeedRequest): Promise<UpdateInfo[]> {
  try {
    const list = await downloadText(servedAt(mirrorList, request.baseUrl), request)
    const mirror = list
      .split('\n')
      .map((line) => line.trim())
      .find((line) => /^https?:\/\//.test(line))
    if (mirror === undefined) throw new IoError(`${mirrorList} names no mirror`)
    const repository = servedAt(mirror, request.baseUrl).replace(/\/+$/, '')
    const index = await downloadText(`${repository}/repodata/repomd.xml`, request)
    const data = await updateInfoElement(index)
    const href = childOf(data, 'location')?.attribute('href')
    const checksum = childOf(data, 'checksum')
    if (href === undefined || /^[a-z]+:|\.\./i.test(href)) return []
    return [{ url: `${repository}/${href}`, checksum: `${checksum?.attribute('type')}:${textOf(data, 'checksum')}` }]
  } catch (error) {
    if (error instanceof RefusedError) return []
    if (error instanceof ParseError) throw new IoError(`${mirrorList}: ${error.message}`, { cause: error })
    throw error
  }
}

async function updateInfoElement(repomd: string): Promise<XmlNode | undefined> {
  async function* chunks(): AsyncIterable<Uint8Array> {
    yield Buffer.from(repomd)
  }
  for await (const item of readXml(chunks(), (root) => (root === 'repomd' ? ['data'] : []))) {
    if (item !== 'too large' && item.attribute('type') === 'updateinfo' && childrenOf(item, 'location').length > 0) return item
  }
  return undefined
}

async function downloadText(url: string, request: FeedRequest): Promise<string> {
  const path = join(request.folder, 'amazon-index')
  const { onBytes: _, ...options } = request
  await downloadFile(url, path, undefined, options)
  if ((await stat(path)).size > MAX_INDEX_BYTES) throw new IoError(`${url}: more than ${MAX_INDEX_BYTES} bytes`)
  return await readFile(path, 'utf8')
}

async function downloadVerified({ url, checksum }: UpdateInfo, path: string, request: FeedRequest): Promise<string> {
  await downloadFile(url, path, undefined, request)
  const [type = '', expected] = checksum.split(':')
  if (type !== 'sha256' && type !== 'sha512') return path
  const hash = createHash(type)
  try {
    await pipeline(createReadStream(path), hash)
  } catch (error) {
    throw new IoError(`cannot read what was downloaded from ${url}: ${messageOf(error)}`, { cause: error })
  }
  if (hash.digest('hex') !== expected) throw new IoError(`${url}: the content does not match the checksum in repomd.xml`)
  return path
}
