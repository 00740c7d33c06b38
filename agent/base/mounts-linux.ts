/** Reads the mount table, and watches it: the kernel raises POLLPRI and POLLERR on it at each change. */
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type ParsedMounts, parseMountinfo } from './parse-mountinfo.ts'
import { type LazyPoller, POLLPRI } from './poll-linux.ts'

/** Reads `<proc>/self/mountinfo`. @throws the file system's error where it can't be read. */
export async function readMounts(proc: string): Promise<ParsedMounts> {
  return parseMountinfo(await readFile(`${proc}/self/mountinfo`))
}

/** Calls back at each change of the mount table; returns how to stop. @throws where it can't be watched. */
export async function watchMounts(
  proc: string,
  poller: LazyPoller,
  onChange: () => void,
): Promise<() => void> {
  const thread = await poller.get()
  const fd = openSync(`${proc}/self/mountinfo`, 'r')
  const unwatch = thread.watch(fd, POLLPRI, onChange)
  return () => {
    unwatch()
    closeSync(fd)
  }
}
