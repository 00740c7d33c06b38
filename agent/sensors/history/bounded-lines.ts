/** Lines of a file that anybody may have written: so many, and of each so much. Pure. */
const lineLengthMax = 1_024

/** Returns at most `max` lines without their line feeds, each cut. */
export function boundedLines(text: string, max: number): string[] {
  return text.split('\n', max).map((line) => line.slice(0, lineLengthMax))
}
