/** What `npm run demo` says, in the language of the terminal. */
import type { FillStep } from './fill.ts'

const isChinese = /^zh/i.test(
  process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '',
)

export interface DemoReady {
  readonly address: string
  readonly accounts: readonly { readonly name: string; readonly password: string }[]
  readonly folder: string
}

const lines = (accounts: DemoReady['accounts']): string =>
  accounts.map(({ name, password }) => `    ${name.padEnd(10)}  ${password}\n`).join('')

const english = {
  usage: `npm run demo -- [--folder DIR] [--port N] [--fresh] [--computers N] [--media N] [--days N] [--seed TEXT]

  A unit that does not exist, to judge the console by. Nothing on this computer is watched or blocked.

  --folder DIR   where it is kept (default: $XDG_DATA_HOME/shoukou-demo or ~/.local/share/shoukou-demo);
                 an empty folder, or one of an earlier demonstration
  --port N       pages and API on N, simulated agents on N+1 (default: 8445)
  --fresh        throw an earlier demonstration away and make it anew
  --computers N  how many computers (default: 600)
  --media N      how many media (default: 2000)
  --days N       how many days of records (default: 365)
  --seed TEXT    another unit for another text
`,
  folder: 'Demonstration folder',
  buildingPages: 'Building the pages',
  filling: 'Filling: the year passes (a minute or two, once)',
  steps: {
    registers: 'registers written',
    enrolment: 'computers enrolled',
    year: 'year passed',
  } satisfies Record<FillStep, string>,
  filled: (of: { records: number; violations: number; handled: number }) =>
    `${of.records} records, ${of.violations} violations, ${of.handled} steps of handling`,
  asBefore: 'made before; --fresh makes it anew',
  passwords: 'One-time passwords for this run',
  startingConsole: 'Starting the console',
  connecting: 'Simulated computers connect',
  failed: 'The demonstration could not start: ',
  badNumber: (name: string, text: string) => `--${name} takes a number, not "${text}".`,
  notDemonstration: (path: string) =>
    `${path} is not empty and no demonstration; nothing was touched. Choose another folder with --folder DIR.`,
  consoleEnded: (log: string) => `the console ended by itself; its log is ${log}`,
  trouble: (why: string) => `A simulated computer could not connect (${why}); the others go on.\n`,
  stopping: '\nStopping …\n',
  stopped: 'Stopped.\n',
  stoppedFilling: 'Stopped before it was full; the next start makes it anew.\n',
  ready: ({ address, accounts, folder }: DemoReady): string => `
  The demonstration is running:  ${address}     wall display: ${address}/wall

  Accounts (each password works once, for this run, and must then be changed):

${lines(accounts)}
  secadmin sees what an office sees; sysadmin, auditor and secadmin2 (the second person) their parts.
  Every page says that the data are made up. No real computer can be enrolled here.
  Data: ${folder}
  Ctrl-C stops everything.
`,
}

const chinese: typeof english = {
  usage: `npm run demo -- [--folder 目录] [--port N] [--fresh] [--computers N] [--media N] [--days N] [--seed 文字]

  虚构单位，用于评估控制台。不监控、不阻断本机任何操作。

  --folder 目录  演示数据目录（默认 $XDG_DATA_HOME/shoukou-demo 或 ~/.local/share/shoukou-demo）；
                 须为空目录，或以前的演示目录
  --port N       页面与接口用端口 N，模拟终端连接用 N+1（默认 8445）
  --fresh        清除以前的演示并重新生成
  --computers N  计算机数量（默认 600）
  --media N      介质数量（默认 2000）
  --days N       记录天数（默认 365）
  --seed 文字    不同文字生成不同单位
`,
  folder: '演示目录',
  buildingPages: '构建页面',
  filling: '生成数据：推演一年（约一两分钟，仅首次）',
  steps: { registers: '台账已写入', enrolment: '计算机已接入', year: '全年已推演' },
  filled: (of) => `记录 ${of.records} 条，违规 ${of.violations} 起，处置步骤 ${of.handled} 个`,
  asBefore: '沿用以前生成的数据；--fresh 重新生成',
  passwords: '生成本次运行的一次性口令',
  startingConsole: '启动控制台',
  connecting: '模拟计算机接入',
  failed: '演示未能启动：',
  badNumber: (name, text) => `--${name} 须为数字，而不是“${text}”。`,
  notDemonstration: (path) => `${path} 不为空且不是演示目录，未作任何改动。请用 --folder 另选目录。`,
  consoleEnded: (log) => `控制台自行退出，日志见 ${log}`,
  trouble: (why) => `有模拟计算机未能接入（${why}），其余照常。\n`,
  stopping: '\n正在停止……\n',
  stopped: '已停止。\n',
  stoppedFilling: '数据尚未生成完毕即停止；下次启动将重新生成。\n',
  ready: ({ address, accounts, folder }) => `
  演示已运行：${address}     大屏：${address}/wall

  账户（一次性口令，仅限本次运行，登录后必须更改）：

${lines(accounts)}
  secadmin 为安全保密管理员；sysadmin、auditor 与 secadmin2（第二人）各见其职责范围。
  每个页面均标明演示数据；此处不能接入真实计算机。
  数据：${folder}
  按 Ctrl-C 全部停止。
`,
}

export const words = isChinese ? chinese : english
