/** The order of the lab's files: those that use the same computer stand together. A file that is not named comes last. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const ORDER = [
  ...['guest', 'watcher', 'airlock'],
  ...['spine', 'files', 'standalone', 'power-cut'],
  ...['media-usb', 'media-tricks', 'media-buses', 'media-rights', 'media-agent-away'],
  ...['network-enforce', 'network-alarm'],
]

export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b) || a.moduleId.localeCompare(b.moduleId))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const at = ORDER.findIndex((name) => moduleId.endsWith(`/${name}.lab.ts`))
  return at === -1 ? ORDER.length : at
}
