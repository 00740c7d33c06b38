import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { bootGuest } from './boot-guest.ts'

const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms))
await using guest = await bootGuest({ agentFolder: '/tmp/skagent', say: console.log })
console.log('booted', guest.bootMs)
await guest.run('modprobe loop || true; modprobe usb-storage; modprobe uas || true', { mayFail: true })
const agent = guest.run('/agent/node /agent/smoke.mjs', { timeoutMs: 180_000, mayFail: true })
agent.then((r) => console.log('agent ended', r.exitCode, r.stderr.slice(0, 500)))
const lines = () =>
  existsSync(guest.share + '/facts.jsonl')
    ? readFileSync(guest.share + '/facts.jsonl', 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((l) => JSON.parse(l))
    : []
for (let i = 0; i < 400 && lines().filter((l) => l.ready).length < 7; i++) await sleep(100)
console.log('ready', lines().filter((l) => l.ready).length)
const mark = async (what: string) => {
  console.log('##', what, (await guest.run(`date +%s%3N`)).stdout.trim())
}
await mark('stick')
const t = Date.now()
const stick = await guest.plugStick({ serial: 'LAB-0001' })
for (
  let i = 0;
  i < 200 && !lines().some((l) => l.f?.kind === 'usb.attached' && l.f.device.serial === 'LAB-0001');
  i++
)
  await sleep(10)
console.log('usb.attached on host share after', Date.now() - t)
await guest.run(
  'until [ -b /dev/sda ]; do sleep 0.02; done; mkdir -p /mnt/stick; mount /dev/sda /mnt/stick; sleep 0.5; echo hello > /mnt/stick/plan.docx; mv /mnt/stick/plan.docx /mnt/stick/b.docx; sleep 0.3; umount /mnt/stick',
)
await guest.unplug(stick)
await mark('composite burst')
const phone = await guest.plugPhone({ serial: 'PHONE-1' })
const adapter = await guest.plugNetworkAdapter({ mac: '02:00:00:00:00:07' })
const kbd = await guest.plugDevice('usb-kbd')
await sleep(6000)
for (const d of [phone, adapter, kbd]) await guest.unplug(d)
await sleep(1500)
await mark('quick plug-unplug x5')
for (let i = 0; i < 5; i++) {
  const q = await guest.plugStick({ serial: `Q-${i}` })
  await sleep(i * 60)
  await guest.unplug(q)
}
await sleep(2500)
await guest.run('touch /host/stop')
await agent
copyFileSync(guest.share + '/facts.jsonl', '/tmp/sk-facts.jsonl')
copyFileSync(guest.share + '/uevents.json', '/tmp/sk-uevents.json')
console.log('rss', readFileSync(guest.share + '/mem', 'utf8'))
