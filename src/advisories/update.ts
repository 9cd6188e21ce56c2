import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, IoError, messageOf, ScanError } from '../errors.js'
import { openDatabase } from './database.js'
import type { EarlierDatabase } from './earlier-database.js'
import { type DownloadOptions, RefusedError } from './feeds/download.js'
import { feeds as knownFeeds } from './feeds/index.js'
import { OSV_BUCKET } from './feeds/osv-bucket.js'
import type { Feed, FetchedFeed } from './feeds/types.js'
import { type IngestProgress, ingest } from './ingest.js'
import type { Rejection } from './rejections.js'
import type { Meta, SourceInfo } from './schema.js'
import { asWriteError, DatabaseWriter, renewMeta } from './writer.js'

export interface UpdateOptions extends Omit<DownloadOptions, 'onBytes'> {
  /** The database: brought up to date, or made where there is none. */
  readonly path: string
  /** Feeds by name, which is their ecosystem's; all that are known by default; feeds that an earlier database has besides stay in it. */
  readonly ecosystems?: readonly string[]
  /** A mirror of the public OSV bucket, and of the other feeds by host and path; without `ecosystems` those that it has. */
  readonly baseUrl?: string
  readonly onProgress?: (progress: UpdateProgress) => void
}

export type UpdateProgress =
  | { readonly kind: 'download'; readonly source: string; readonly bytes: number; readonly total: number | undefined }
  | ({ readonly kind: 'records' } & IngestProgress)

/**
 * What became of one feed. `unchanged`: the database has it as it is. `kept`: it could not be had or had shrunk (see `reason`), so the
 * database has what it had before. `failed`: the same, and there was nothing before.
 */
export interface FeedResult {
  readonly name: string
  readonly outcome: 'updated' | 'unchanged' | 'kept' | 'failed'
  readonly reason?: string
  /** Records newly read and stored. */
  readonly records: number
  readonly withdrawn: number
  readonly rejected: readonly Rejection[]
  /** Releases that the feed no longer lists, whose last known advisories stay. */
  readonly keptReleases: readonly string[]
}

export interface UpdateResult {
  readonly path: string
  /** Records in the database. */
  readonly records: number
  readonly feeds: readonly FeedResult[]
}

/** A feed that loses more than this share of its records has more likely broken than been cleaned up. */
const MAX_SHRINKAGE = 0.2

const NOTHING = { records: 0, withdrawn: 0, rejected: [], keptReleases: [] } as const

interface Fetched {
  readonly feed: Feed
  readonly fetched: FetchedFeed | undefined
  readonly problem: string | undefined
}

/**
 * Brings an advisory database up to date from the public feeds, downloading only what has changed. A feed that fails keeps its
 * earlier advisories and is reported.
 *
 * @throws ConfigError for an unknown ecosystem or a database of another schema; IoError where no feed could be had at all.
 */
export async function updateDatabase(options: UpdateOptions): Promise<UpdateResult> {
  const feeds = feedsFor(options.ecosystems)
  const earlier = existsSync(options.path) ? earlierMeta(options.path) : undefined
  const folder = mkdtempSync(join(tmpdir(), 'snapsight-feeds-'))
  try {
    const all: Fetched[] = []
    for (const feed of feeds) {
      const fetched = await fetchFeed(feed, folder, earlier, options)
      if (fetched) all.push(fetched)
    }
    if (all.length === 0) throw new IoError(`${options.baseUrl} has none of the feeds`)
    const failed = all.filter(({ feed, problem }) => problem !== undefined && !previousOf(earlier, feed))
    if (failed.length === all.length) throw new IoError(failed.map(({ problem }) => problem).join('; '))
    if (earlier && all.every(({ fetched }) => !fetched)) return renew(options.path, earlier, all)
    return await rebuild(options, earlier, all)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function feedsFor(ecosystems: readonly string[] | undefined): Feed[] {
  if (!ecosystems) return [...knownFeeds]
  return [...new Set(ecosystems)].map((name) => {
    const feed = knownFeeds.find((known) => known.name.toLowerCase() === name.toLowerCase())
    if (!feed) throw new ConfigError(`no feed for ecosystem ${name}; there are ${knownFeeds.map((known) => known.name).join(', ')}`)
    return feed
  })
}

function earlierMeta(path: string): Meta {
  const { database, meta } = openDatabase(path)
  database.close()
  return meta
}

function previousOf(earlier: Meta | undefined, { name }: Feed): SourceInfo | undefined {
  return earlier?.sources.find((source) => source.name === name)
}

/** Undefined where a mirror does not have it, and nobody has asked for it. */
async function fetchFeed(feed: Feed, folder: string, earlier: Meta | undefined, options: UpdateOptions): Promise<Fetched | undefined> {
  const { baseUrl = OSV_BUCKET, onProgress } = options
  const onBytes = (bytes: number, total: number | undefined): void => onProgress?.({ kind: 'download', source: feed.name, bytes, total })
  try {
    const fetched = await feed.fetch({ ...options, baseUrl, folder, previous: previousOf(earlier, feed), onBytes })
    return { feed, fetched, problem: undefined }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    const isUnasked = options.baseUrl !== undefined && !options.ecosystems && !previousOf(earlier, feed)
    if (isUnasked && error instanceof RefusedError && error.status === 404) return undefined
    return { feed, fetched: undefined, problem: messageOf(error) }
  }
}

/** Nothing has changed: only the times of what was seen to be as it is are new. */
function renew(path: string, earlier: Meta, all: readonly Fetched[]): UpdateResult {
  const built = new Date().toISOString()
  const unchanged = new Set(all.filter(({ problem }) => problem === undefined).map(({ feed }) => feed.name))
  const sources = earlier.sources.map((source) => (unchanged.has(source.name) ? { ...source, updated: built } : source))
  if (unchanged.size > 0) renewMeta(path, { ...earlier, built, sources })
  return { path, records: earlier.records, feeds: all.map(withoutChange) }
}

function withoutChange({ feed, problem }: Fetched): FeedResult {
  return { name: feed.name, ...NOTHING, ...(problem === undefined ? { outcome: 'unchanged' } : { outcome: 'kept', reason: problem }) }
}

async function rebuild(options: UpdateOptions, earlier: Meta | undefined, all: readonly Fetched[]): Promise<UpdateResult> {
  const writer = new DatabaseWriter(options.path)
  try {
    const from = earlier && writer.attach(options.path)
    const built = new Date().toISOString()
    const results: FeedResult[] = []
    const sources = new Map<string, Omit<SourceInfo, 'advisories'>>()
    for (const { feed, fetched, problem } of all) {
      const previous = previousOf(earlier, feed)
      const result = fetched ? await load(feed, fetched, previous, from, writer, options) : keep({ feed, fetched, problem }, previous, from)
      results.push(result)
      if (result.outcome === 'updated') sources.set(feed.name, { ...termsOf(feed), updated: built, ...fetched?.validators })
      else if (previous) sources.set(feed.name, { ...previous, ...(result.outcome === 'unchanged' ? { updated: built } : {}) })
    }
    for (const source of earlier?.sources ?? []) {
      if (all.some(({ feed }) => feed.name === source.name)) continue
      from?.keepSource(source.name)
      sources.set(source.name, source)
    }
    if (results.every(({ outcome }) => outcome === 'failed')) throw new IoError(results.map(({ reason }) => reason).join('; '))
    const meta = writer.finish({ built, sources: [...sources.values()] })
    return { path: options.path, records: meta.records, feeds: results }
  } catch (error) {
    throw asWriteError(error, options.path)
  } finally {
    writer.abandon()
  }
}

function termsOf({ name, license, attribution }: Feed): Pick<SourceInfo, 'name' | 'license' | 'attribution'> {
  return { name, license, attribution }
}

function keep(fetched: Fetched, previous: SourceInfo | undefined, from: EarlierDatabase | undefined): FeedResult {
  if (!previous) return { name: fetched.feed.name, ...NOTHING, outcome: 'failed', reason: fetched.problem ?? 'nothing to keep' }
  from?.keepSource(fetched.feed.name)
  return withoutChange(fetched)
}

async function load(
  feed: Feed,
  fetched: FetchedFeed,
  previous: SourceInfo | undefined,
  from: EarlierDatabase | undefined,
  writer: DatabaseWriter,
  options: UpdateOptions,
): Promise<FeedResult> {
  const problem = await ingestFeed(feed, fetched, previous, writer, options)
  if (typeof problem === 'string') {
    writer.discard(feed.name)
    return keep({ feed, fetched: undefined, problem }, previous, from)
  }
  const keptReleases = previous ? (from?.keepReleases(feed.name) ?? []) : []
  return { name: feed.name, outcome: 'updated', ...problem, keptReleases }
}

/** What was read, or why it must not replace what is there. */
async function ingestFeed(
  { name }: Feed,
  { source }: FetchedFeed,
  previous: SourceInfo | undefined,
  writer: DatabaseWriter,
  { signal, onProgress }: UpdateOptions,
): Promise<Pick<FeedResult, 'records' | 'withdrawn' | 'rejected'> | string> {
  try {
    const result = await ingest(source, name, writer, {
      ...(signal ? { signal } : {}),
      onProgress: (progress) => onProgress?.({ kind: 'records', ...progress }),
    })
    if (result.records === 0) return 'the feed holds no advisories'
    const least = (previous?.advisories ?? 0) * (1 - MAX_SHRINKAGE)
    if (result.records < least) return `the feed has shrunk from ${previous?.advisories} to ${result.records} advisories`
    return result
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return messageOf(error)
  }
}
