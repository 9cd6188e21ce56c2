import type { OsTree } from './os-tree.js'
import { readText } from './read-text.js'

/** What `pro status` last found (ubuntu-pro-client, `uaclient/status.py`). */
const STATUS_PATH = '/var/lib/ubuntu-advantage/status.json'
const SOURCES_DIR = '/etc/apt/sources.list.d'
const AUTH_PATHS = ['/etc/apt/auth.conf.d/90ubuntu-advantage', '/etc/apt/auth.conf']
const ESM_HOST = 'esm.ubuntu.com'

/** Whether packages of Ubuntu Pro (ESM) can be had here: the machine says it is attached, or apt is set up for them. */
export async function hasUbuntuPro(tree: OsTree): Promise<boolean> {
  const attached = isAttached(await readText(tree, STATUS_PATH))
  if (attached !== undefined) return attached
  for (const path of AUTH_PATHS) {
    if (namesEsmHost(await readText(tree, path))) return true
  }
  if (namesEsmHost(await readText(tree, '/etc/apt/sources.list'))) return true
  for (const name of await tree.readdir(SOURCES_DIR)) {
    const text = await readText(tree, `${SOURCES_DIR}/${name}`)
    if (name.endsWith('.list') && namesEsmHost(text)) return true
    if (name.endsWith('.sources') && text?.split(/\n[ \t]*\n/).some((stanza) => namesEsmHost(stanza) && !isDisabled(stanza))) return true
  }
  return false
}

function isAttached(status: string | undefined): boolean | undefined {
  try {
    const parsed = JSON.parse(status ?? 'null') as { attached?: unknown } | null
    return typeof parsed?.attached === 'boolean' ? parsed.attached : undefined
  } catch {
    return undefined
  }
}

/** In a line that is not commented out. */
function namesEsmHost(text: string | undefined): boolean {
  return text?.split('\n').some((line) => !line.trimStart().startsWith('#') && line.includes(ESM_HOST)) ?? false
}

/** apt-get's words for false (sources.list(5)). */
function isDisabled(stanza: string): boolean {
  return /^enabled:\s*(no|false|without|off|disable|0)\s*$/im.test(stanza)
}
