/** Names of a kernel's image; what follows is its release. */
const IMAGE = /^(?:vmlinu[xz]|bzImage|kernel|linux|Image)-(\d.*)$/
const RELEASE = /^\d+\.\d+[\w.+~^-]*$/
/** Of installers and dracut: kernels without a release in their names. */
const RESCUE = /^0-rescue/

/**
 * The release of a kernel, as `uname -r` tells it, by the path of its image: `vmlinuz-6.1.0-18-amd64`, or `6.1.0-18-amd64/linux` as
 * kernel-install lays it out. Undefined where the path does not say it.
 */
export function releaseOfImage(path: string): string | undefined {
  const [folder = '', file = ''] = path.split('/').slice(-2)
  const named = IMAGE.exec(file)?.[1]
  if (named !== undefined) return RELEASE.test(named) && !RESCUE.test(named) ? named : undefined
  return file === 'linux' && RELEASE.test(folder) ? folder : undefined
}
