import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { VERSION } from '../../src/index.js'
import { Images, run } from './run.js'

const images = new Images()
afterAll(() => images.remove())

describe('wrong usage', () => {
  it.each([
    [[]],
    [['frobnicate']],
    [['image']],
    [['image', 'a.img', '--frobnicate']],
    [['image', 'a.img', '--format', 'xml']],
    [['image', 'a.img', '--fail-on', 'bad']],
    [['image', 'a.img', '--output']],
    [['instance']],
    [['instance', 'web-1']],
    [['instance', 'i-1', 'i-2']],
    [['snapshot']],
    [['snapshot', 'snap-1', 'vol-1']],
    [['ls']],
    [['ls', 'a.img', '--filesystem']],
    [['cat', 'a.img']],
    [['packages']],
    [['db']],
    [['db', 'build']],
    [['db', 'build', 'records.json']],
    [['db', 'frobnicate']],
    [['sweep', 'all']],
    [['sweep', '--older-than', 'long']],
  ])('ends with 2: %j', async (argv) => {
    const { status, text, stderr } = await run(argv)
    expect([status, text]).toEqual([2, ''])
    expect(stderr).not.toBe('')
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

describe('help and version', () => {
  it.each([[['--help']], [['help']], [['ls', '--help']], [['db', 'update', '-h']]])('go to stdout with 0: %j', async (argv) => {
    const { status, text, stderr } = await run(argv)
    expect([status, stderr]).toEqual([0, ''])
    expect(text).toMatch(/^Usage: snapsight/)
  })

  it('tells the version', async () => {
    expect(await run(['--version'])).toMatchObject({ status: 0, text: `${VERSION}\n` })
  })

  it('tells what the exit statuses mean', async () => {
    const { text } = await run(['--help'])
    for (const line of ['0  complete', '1  failed', '2  wrong usage', '3  incomplete', '4  complete, with findings'])
      expect(text).toContain(line)
  })
})

describe('failures', () => {
  it.each([['ls'], ['packages'], ['image']])('are one line: %s of a file that is not there', async (command) => {
    const { status, text, stderr } = await run([command, '/nonexistent/disk.img', ...(command === 'image' ? ['--no-db'] : [])])
    expect([status, text, stderr]).toEqual([1, '', 'snapsight: cannot open image "/nonexistent/disk.img": ENOENT\n'])
  })

  it('is none where the reader of the output has gone', async () => {
    const image = await images.unpack('snapshots/demo/root')
    const stdoutError = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    expect(await run(['ls', image], { stdoutError })).toMatchObject({ status: 0, stderr: '' })
    expect(await run(['cat', image, '/etc/passwd'], { stdoutError })).toMatchObject({ status: 0, stderr: '' })
  })

  it('keeps its status where nobody listens to what is said', async () => {
    const stderrError = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    expect(await run(['ls', '/nonexistent'], { stderrError })).toMatchObject({ status: 1, text: '' })
  })

  it('is told where the output cannot be written', async () => {
    const image = await images.unpack('snapshots/demo/var')
    const stdoutError = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    for (const argv of [
      ['ls', image],
      ['packages', image],
      ['cat', image, '/lib/dpkg/status'],
    ]) {
      expect(await run(argv, { stdoutError })).toMatchObject({ status: 1, stderr: 'snapsight: ENOSPC: no space left on device, write\n' })
    }
  })
})

describe('the program itself', () => {
  it('runs, takes its arguments, and sets its exit status', () => {
    const program = ['--import', 'tsx', 'src/cli/main.ts']
    const { status, stdout, stderr } = spawnSync(process.execPath, [...program, 'ls', '/nonexistent', '--json'], { encoding: 'utf8' })
    expect([status, stdout, stderr]).toEqual([1, '', 'snapsight: cannot open image "/nonexistent": ENOENT\n'])
  })
})
