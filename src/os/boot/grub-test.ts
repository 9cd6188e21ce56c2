type Compare = (a: string, b: string) => boolean

const number = (text: string): number => Number.parseInt(text, 10) || 0

const BINARY: Readonly<Record<string, Compare>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '-eq': (a, b) => number(a) === number(b),
  '-ne': (a, b) => number(a) !== number(b),
  '-lt': (a, b) => number(a) < number(b),
  '-le': (a, b) => number(a) <= number(b),
  '-gt': (a, b) => number(a) > number(b),
  '-ge': (a, b) => number(a) >= number(b),
}

const FILE_TESTS = new Set(['-d', '-e', '-f', '-s'])

/**
 * The expression of `[` or `test`, without brackets of its own. Of a file only `exists` is asked, whatever the test.
 *
 * https://www.gnu.org/software/grub/manual/grub/grub.html#test
 */
export async function evaluateTest(args: readonly string[], exists: (path: string) => Promise<boolean>): Promise<boolean> {
  let any = false
  let all = true
  for (let at = 0; at < args.length; ) {
    if (args[at] === '-o') {
      any ||= all
      all = true
      at++
      continue
    }
    if (args[at] === '-a') {
      at++
      continue
    }
    let not = false
    for (; args[at] === '!'; at++) not = !not
    const [first = '', second = '', third] = args.slice(at, at + 3)
    let holds: boolean
    const compare = third === undefined || !Object.hasOwn(BINARY, second) ? undefined : BINARY[second]
    if (compare && third !== undefined) {
      holds = compare(first, third)
      at += 3
    } else if (first === '-n' || first === '-z') {
      holds = (second === '') === (first === '-z')
      at += 2
    } else if (FILE_TESTS.has(first)) {
      holds = second !== '' && (await exists(second))
      at += 2
    } else {
      holds = first !== ''
      at++
    }
    all &&= holds !== not
  }
  return any || (all && args.length > 0)
}
