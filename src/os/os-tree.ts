/** The tree of one system, from its own root. */
export interface OsTree {
  stat(path: string): Promise<{ readonly type: string } | undefined>
  /** @throws LimitError above `maxBytes`, PathError */
  read(path: string, maxBytes?: number): Promise<Uint8Array>
  /** Empty where there is no such directory. */
  readdir(path: string): Promise<readonly string[]>
}
