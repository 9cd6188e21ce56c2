import { PathError } from '../errors.js'
import { encodeName } from './name.js'

/** PATH_MAX and NAME_MAX of Linux: bytes of a path without its NUL, and of one component. */
const MAX_PATH_BYTES = 4095
const MAX_NAME_BYTES = 255

/** The components of a path, without empty ones and `.`; `..` is kept. @throws PathError ENAMETOOLONG */
export function splitPath(path: string): string[] {
  if (isLonger(path, MAX_PATH_BYTES)) throw new PathError('ENAMETOOLONG', `${path.slice(0, 64)}…`)
  const components = path.split('/').filter((component) => component !== '' && component !== '.')
  const long = components.find((component) => isLonger(component, MAX_NAME_BYTES))
  if (long !== undefined) throw new PathError('ENAMETOOLONG', `${long.slice(0, 64)}…`)
  return components
}

/** A path of something mounted or rooted at `base`, seen from where `base` is. `path` is `/`-rooted. */
export function underPath(base: string, path: string): string {
  if (path === '/') return base
  return base === '/' ? path : base + path
}

/** Whether `path` is `dir` itself or lies below it. */
export function isWithin(path: string, dir: string): boolean {
  return dir === '/' || path === dir || path.startsWith(`${dir}/`)
}

function isLonger(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && encodeName(text).length > bytes)
}
