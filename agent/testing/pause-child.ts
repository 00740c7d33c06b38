/** For tests: a process that tells, one line of JSON each, where it was held still; busy for some ms at a word on its input. */
import { openBootClock } from '../base/boot-clock-linux.ts'
import { watchPauses } from '../protection/watch-pauses-linux.ts'

const boot = await openBootClock()
const clock = { wallMs: () => Date.now(), bootMs: () => boot.nowMs(), bootId: boot.bootId }
watchPauses(clock, (fact) => void process.stdout.write(`${JSON.stringify(fact)}\n`))
process.stdin.on('data', (words: Buffer) => {
  const until = performance.now() + Number(words.toString())
  while (performance.now() < until);
  process.stdout.write('{"kind":"was-busy"}\n')
})
// Two looks: from now on it would be seen.
setTimeout(() => process.stdout.write('{"kind":"ready"}\n'), 1_200)
