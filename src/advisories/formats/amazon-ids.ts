/** `ALAS2KERNEL-5.15-2022-001`: the release, the repository if it is not core, the year and a number. */
const ID = /^ALAS(2023|2022|2)?([A-Z][A-Za-z0-9.+_-]*?)?-(\d{4})-(\d+)$/
/** `amazon-linux-2---kernel-5.15` */
const COLLECTION = /^amazon-linux(?:-(2023|2022|2|ami))?(?:---([a-z0-9.+_-]+))?$/

/**
 * The ecosystem of an advisory of Amazon Linux: `Amazon Linux:2` for the core repository, `Amazon Linux:2:kernel-5.15` for another. The same
 * package names stand for other packages in each, so they are kept apart.
 */
export function amazonEcosystem(id: string, collection: string): string | undefined {
  const [, release, repository] = COLLECTION.exec(collection.trim().toLowerCase()) ?? []
  const [known, idRelease, idRepository] = ID.exec(id) ?? []
  if (known === undefined && release === undefined) return undefined
  const number = release === 'ami' ? '1' : (release ?? idRelease ?? '1')
  const name = repository ?? repositoryOfId(idRepository)
  return `Amazon Linux:${number}${name === undefined ? '' : `:${name}`}`
}

/** Where the collection does not say it, the id does: `ALAS2023LIVEPATCH-2023-001`. */
function repositoryOfId(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return name === 'LIVEPATCH' ? 'kernel-livepatch' : name.toLowerCase()
}

/** Where Amazon describes an advisory. */
export function amazonUrl(id: string): string | undefined {
  const [known, release, repository = '', year, number] = ID.exec(id) ?? []
  if (known === undefined) return undefined
  const folder = release === undefined ? '' : `AL${release}/`
  return `https://alas.aws.amazon.com/${folder}ALAS${repository}-${year}-${number}.html`
}
