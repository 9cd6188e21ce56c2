import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What `rpm.vercmp` of rpm's Lua says of each pair, in one process: -1, 0 or 1, undefined where it refuses one of the two. */
export function rpmVercmp(pairs: readonly (readonly [string, string])[]): (number | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'snapsight-vercmp-'))
  try {
    const path = join(folder, 'pairs')
    writeFileSync(path, pairs.map(([a, b]) => `${a}\t${b}\n`).join(''))
    const script = [
      `for line in io.lines('${path}') do`,
      `  local a, b = line:match('^(.-)\\t(.*)$')`,
      '  local good, answer = pcall(rpm.vercmp, a, b)',
      // `print` adds no line feed inside a macro: one character for each answer.
      `  print(not good and '?' or answer < 0 and '<' or answer > 0 and '>' or '=')`,
      'end',
    ].join('\n')
    const { stdout, status, stderr } = spawnSync('rpm', ['--eval', `%{lua:\n${script}\n}`], { encoding: 'utf8', maxBuffer: 1 << 28 })
    if (status !== 0) throw new Error(stderr)
    const answers = [...stdout.trimEnd()]
    if (answers.length !== pairs.length) throw new Error(`${answers.length} answers to ${pairs.length} pairs`)
    return answers.map((answer) => (answer === '?' ? undefined : '<=>'.indexOf(answer) - 1))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
