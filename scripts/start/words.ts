/** What `npm start` says, in the language of the terminal. */
const isChinese = /^zh/i.test(
  process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '',
)

export interface ReadyWords {
  readonly address: string
  readonly accounts: readonly { readonly name: string; readonly role: string; readonly password: string }[]
  readonly data: string
  readonly authority: string
}

const roleNames: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  'sys-admin': { zh: '系统管理员', en: 'system administrator' },
  'sec-admin': { zh: '安全保密管理员', en: 'security administrator' },
  auditor: { zh: '安全审计员', en: 'security auditor' },
}

function accountLines(accounts: ReadyWords['accounts'], language: 'zh' | 'en'): string {
  return accounts
    .map(
      ({ name, role, password }) =>
        `    ${name.padEnd(10)}  ${password}   ${roleNames[role]?.[language] ?? role}\n`,
    )
    .join('')
}

const english = {
  usage: `npm start -- [--data DIR] [--port N] [--listen ADDR] [--name NAME]…

  --data DIR     where everything is kept (default: $XDG_DATA_HOME/shoukou or ~/.local/share/shoukou)
  --port N       pages and API on N, agents on N+1 (default: 8443)
  --listen ADDR  address to listen on (default: 127.0.0.1)
  --name NAME    a further name or address for the console's certificate; may be given again
`,
  preparingFolder: 'Data folder',
  buildingPages: 'Building the pages',
  startingConsole: 'Starting the console',
  enrolling: 'Enrolling this computer (observe mode: nothing is ever blocked)',
  startingAgent: 'Starting the agent',
  unchanged: 'unchanged',
  alreadyEnrolled: 'enrolled before',
  failed: 'Shoukou could not start: ',
  badPort: (text: string) => `--port takes a number from 0 to 65534, not "${text}".`,
  notWritable: (path: string, why: string) =>
    `The data folder ${path} can't be written (${why}); choose another one with --data DIR.`,
  consoleEnded: (log: string) => `the console ended by itself; its log is ${log}`,
  agentEnded: (log: string) => `The agent ended by itself and is started again; its log is ${log}\n`,
  stopping: '\nStopping …\n',
  stopped: 'Stopped.\n',
  firstSignIn: (accounts: ReadyWords['accounts']): string =>
    accounts.length === 0
      ? ''
      : `
  First sign-in (each password works once and must then be changed; they are shown only now):

${accountLines(accounts, 'en')}`,
  ready: ({ address, accounts, data, authority }: ReadyWords): string => `
  Shoukou 守口 is running:  ${address}
${english.firstSignIn(accounts)}
  The browser warns until it trusts this console's own authority: ${authority}
  A password lost: npx shoukou-console password --data ${data} --account NAME
  Data: ${data}
  Agent: npx shoukou-agent status --state ${data}/agent
  Ctrl-C stops everything.
`,
}

const chinese: typeof english = {
  usage: `npm start -- [--data 目录] [--port N] [--listen 地址] [--name 名称]…

  --data 目录    数据目录（默认 $XDG_DATA_HOME/shoukou 或 ~/.local/share/shoukou）
  --port N       页面与接口用端口 N，终端连接用 N+1（默认 8443）
  --listen 地址  监听地址（默认 127.0.0.1）
  --name 名称    写入控制台证书的其他名称或地址，可重复
`,
  preparingFolder: '数据目录',
  buildingPages: '构建页面',
  startingConsole: '启动控制台',
  enrolling: '登记本机（观察模式：不阻断任何操作）',
  startingAgent: '启动终端监控',
  unchanged: '无变化',
  alreadyEnrolled: '已登记',
  failed: '守口未能启动：',
  badPort: (text) => `--port 须为 0 到 65534 的数字，而不是“${text}”。`,
  notWritable: (path, why) => `数据目录 ${path} 不可写（${why}）；请用 --data 目录 另选。`,
  consoleEnded: (log) => `控制台自行退出，日志见 ${log}`,
  agentEnded: (log) => `终端监控自行退出，正在重新启动；日志见 ${log}\n`,
  stopping: '\n正在停止……\n',
  stopped: '已停止。\n',
  firstSignIn: (accounts) =>
    accounts.length === 0
      ? ''
      : `
  首次登录（一次性口令，登录后必须更改；仅此次显示）：

${accountLines(accounts, 'zh')}`,
  ready: ({ address, accounts, data, authority }) => `
  守口 Shoukou 已运行：${address}
${chinese.firstSignIn(accounts)}
  浏览器信任本控制台自有证书之前会有提示：${authority}
  口令遗失：npx shoukou-console password --data ${data} --account 账号
  数据：${data}
  终端状态：npx shoukou-agent status --state ${data}/agent
  按 Ctrl-C 全部停止。
`,
}

export const words = isChinese ? chinese : english
