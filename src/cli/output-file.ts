import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { ConfigError } from '../index.js'

/** Writes a file whole or not at all: under another name first, then renamed. @throws ConfigError */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new ConfigError(`cannot write ${JSON.stringify(path)}: ${(error as NodeJS.ErrnoException).code ?? error}`, { cause: error })
  }
}
