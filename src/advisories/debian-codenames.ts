/** Debian's releases by codename; the last two are the coming testing releases. https://www.debian.org/releases/ */
export const DEBIAN_CODENAMES: ReadonlyMap<string, number> = new Map([
  ['wheezy', 7],
  ['jessie', 8],
  ['stretch', 9],
  ['buster', 10],
  ['bullseye', 11],
  ['bookworm', 12],
  ['trixie', 13],
  ['forky', 14],
  ['duke', 15],
])
