import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { iamPolicy } from '../src/aws/policy.js'
import { Command } from './support/command.js'
import { scratchFolder } from './support/scratch.js'

const readme = readFileSync('README.md', 'utf8')
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]!)

describe('README', () => {
  it('has examples that compile against the sources', () => {
    const folder = scratchFolder()
    const examples = blocks('ts')
    expect(examples.length).toBeGreaterThan(3)
    examples.forEach((text, index) => {
      writeFileSync(join(folder, `example-${index}.mts`), text)
    })
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, string | { default: string }> }
    const paths = Object.entries(exports).flatMap(([subpath, target]) =>
      typeof target === 'string'
        ? []
        : [[`snapsight${subpath.slice(1)}`, [resolve(target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))]]],
    )
    const compilerOptions = {
      noEmit: true,
      declaration: false,
      isolatedDeclarations: false,
      rootDir: '/',
      typeRoots: [resolve('node_modules/@types')],
      paths: Object.fromEntries(paths) as object,
    }
    const config = join(folder, 'tsconfig.json')
    writeFileSync(config, JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, include: [folder] }))
    const tsc = resolve('node_modules/typescript/bin/tsc')
    expect(() => execFileSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8', stdio: 'pipe' })).not.toThrow()
  })

  it('shows the IAM policy that the library gives', () => {
    expect(JSON.parse(blocks('json')[0]!)).toEqual(iamPolicy())
  })

  it('names only commands that exist', async () => {
    const help = await new Command(['--help']).finished
    const named = [...readme.matchAll(/^snapsight ([a-z]+)/gm)].map((match) => match[1]!)
    expect(new Set(named).size).toBeGreaterThan(6)
    for (const name of named) expect(help.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
  })
})
