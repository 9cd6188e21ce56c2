import type { Database } from 'node-sqlite3-wasm'

/** Records of releases that a source no longer lists stand under its name with this behind it. */
const EARLIER_SUFFIX = ' (earlier)'

/** An earlier database attached to one in the making. What it hands over never replaces what is already there. */
export class EarlierDatabase {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Records of a source. */
  count(source: string): number {
    return (this.#database.get('SELECT count(*) AS n FROM earlier.records WHERE source = ?', [source]) as { n: number }).n
  }

  /** Takes over all records of a source with their rows. */
  keepSource(source: string): void {
    this.#database.exec('DROP TABLE IF EXISTS temp.kept; CREATE TEMP TABLE kept (id TEXT PRIMARY KEY) WITHOUT ROWID')
    this.#database.run(
      `INSERT INTO temp.kept SELECT id FROM earlier.records WHERE source IN (?, ?)
        AND id NOT IN (SELECT id FROM main.records) AND id NOT IN (SELECT id FROM temp.withdrawn)`,
      [source, source + EARLIER_SUFFIX],
    )
    this.#database.exec(`
      INSERT INTO main.records SELECT * FROM earlier.records WHERE id IN (SELECT id FROM temp.kept);
      INSERT INTO main.advisories SELECT * FROM earlier.advisories WHERE id IN (SELECT id FROM temp.kept);
      INSERT OR IGNORE INTO main.vectors SELECT * FROM earlier.vectors WHERE id IN (SELECT id FROM temp.kept)`)
    for (const table of ['exploited', 'epss']) {
      this.#database.run(`INSERT OR IGNORE INTO main.${table} SELECT * FROM earlier.${table} WHERE source = ?`, [source])
    }
  }

  /**
   * Takes over the rows of releases that a source has left out since: their vendor has stopped listing them, their machines run on.
   * A release of which less than half is left counts as left out.
   *
   * @returns the releases
   */
  keepReleases(source: string): string[] {
    const earlier = this.#database.all(
      `SELECT ecosystem, count(*) AS n FROM earlier.advisories
        WHERE id IN (SELECT id FROM earlier.records WHERE source IN (?, ?)) GROUP BY ecosystem`,
      [source, source + EARLIER_SUFFIX],
    ) as { ecosystem: string; n: number }[]
    const gone = earlier.filter(({ ecosystem, n }) => {
      const now = this.#database.get('SELECT count(*) AS n FROM main.advisories WHERE ecosystem = ?', [ecosystem]) as { n: number }
      return now.n < n / 2
    })
    for (const { ecosystem } of gone) this.#keepEcosystem(source, ecosystem)
    return gone.map(({ ecosystem }) => ecosystem)
  }

  #keepEcosystem(source: string, ecosystem: string): void {
    const rows = 'FROM earlier.advisories WHERE ecosystem = ? AND id NOT IN (SELECT id FROM temp.withdrawn)'
    this.#database.run(
      `INSERT OR IGNORE INTO main.records SELECT id, ?, modified, data FROM earlier.records WHERE id IN (SELECT id ${rows})`,
      [source + EARLIER_SUFFIX, ecosystem],
    )
    this.#database.run(`INSERT OR IGNORE INTO main.advisories SELECT * ${rows}`, [ecosystem])
  }
}
