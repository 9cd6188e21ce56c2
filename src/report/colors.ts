const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39], magenta: [35, 39] } as const

export type Color = keyof typeof CODES
export type Paint = (color: Color, text: string) => string

/** A function that wraps text in an ANSI colour, or leaves it as it is. */
export function painter(enabled: boolean): Paint {
  return (color, text) => (enabled ? `\u001b[${CODES[color][0]}m${text}\u001b[${CODES[color][1]}m` : text)
}
