/** Every sentence of the command line, in English and Chinese: both complete, by the type. */
import {
  LEVEL_NAMES,
  type Level,
  type MediumRight,
  type NetworkMode,
  type SensorName,
} from '@shoukou/protocol'
import type { Enrolled } from '../link/enrol.ts'
import { BUNDLE_MESSAGES } from './messages-bundles.ts'
import { REMOVAL_MESSAGES } from './messages-removal.ts'

export type Language = 'en' | 'zh'

const en = {
  removal: REMOVAL_MESSAGES.en,
  usage: `shoukou-agent COMMAND [OPTIONS]

  run      --config FILE | --state DIR    run in the foreground until SIGTERM
  enroll   --console URL --token TOKEN [--state DIR] [--watch DIR]… [--force]
                                          enrol this computer at a console
${BUNDLE_MESSAGES.en.usage}
  media    [--code CODE]                  media plugged in, and why one was refused; a spoken code
  status   [--state DIR] [--json]         what is watched, and whether the console has it
  verify   [--state DIR] [--json]         check the journal's chain, segment by segment
  hold     [--config FILE | --state DIR]  deny media early in the boot, as the stored policy says
  release  --reason TEXT [--state DIR]    lift all denial, recorded, until a newer policy arrives
${REMOVAL_MESSAGES.en.usage}
  version                                 print the version
  help                                    print this`,
  unknownCommand: (name: string) => `shoukou-agent: there is no command ${name}.`,
  badOption: (command: string, why: string, known: string) =>
    `shoukou-agent ${command}: ${why}.${known === '' ? ' It takes no options.' : ` It takes: ${known}`}`,
  missingOption: (name: string) => `--${name} is missing; see shoukou-agent help.`,
  enrolled: (done: Enrolled) =>
    [
      `Enrolled as ${done.computer} (agent ${done.agent}), policy version ${done.policyVersion}.`,
      `Baseline: ${done.baseline.usb.length} USB devices, ${done.baseline.disks.length} disks, ${done.baseline.interfaces.length} network interfaces.`,
      ...(done.setAside === null
        ? []
        : [`The earlier identity and its journal are now in ${done.setAside}.`]),
    ].join('\n'),
  rights: { none: 'refused', 'read-only': 'read only', 'read-write': 'read and write' } satisfies Readonly<
    Record<MediumRight, string>
  >,
  mediaNoAgent: 'No agent of this computer tells anything of media.',
  mediaControlled: 'Media are controlled on this computer: what is not registered is refused.',
  mediaObserved: 'Media are observed on this computer, and not refused.',
  mediaNone: 'No medium is plugged in.',
  mediaHeading: ['MEDIUM', 'NUMBER', 'USE', 'DEVICE', 'BECAUSE'],
  mediaAsk: 'Ask the security office to have a medium registered, or let in for a while.',
  mediaAskAt: (contact: string) => `Ask to have a medium registered, or let in for a while: ${contact}`,
  mediaChallenge: (name: string) =>
    `By telephone: read these digits out for ${name}, then hand in the code you hear with shoukou-agent media --code CODE`,
  mediaRules: {
    'unregistered-media-inserted': 'not registered',
    'media-identity-mismatch': 'not the medium that it claims to be',
    'media-status-invalid': 'suspended, missing or retired',
    'media-not-assigned': 'not assigned to this computer or to you',
    'high-media-on-low-host': 'its level is above this computer’s',
    'classified-media-on-unclassified-host': 'classified medium on an unclassified computer',
    'unclassified-media-on-classified-host': 'unclassified medium on a classified computer',
    'registered-medium': 'registered',
    'lower-level-medium': 'of a lower level',
    'one-way-import': 'one-way import',
    baseline: 'part of this computer',
    granted: 'let in for a while',
  } as Readonly<Record<string, string>>,
  codeOutcomes: {
    granted: 'The medium is let in.',
    wrong: 'The code is not good for any medium here. Five wrong codes lock.',
    mistyped: 'The code was misheard or mistyped: its check digit is wrong. It was not counted.',
    locked: 'Too many wrong codes: no code is taken for 30 minutes.',
    'no-spoken-codes': 'This computer was enrolled without spoken codes.',
    none: 'The agent has not answered; is it running?',
  } as Readonly<Record<string, string>>,
  separator: ', ',
  notRunning: 'not running',
  hanging: 'not responding',
  running: (pid: number) => `running (pid ${pid})`,
  stoppedCleanly: 'stopped',
  neverRan: (folder: string) => `No agent has run on ${folder}.`,
  unread: (path: string) => `The status file ${path} could not be read.`,
  labels: {
    agent: 'Agent',
    computer: 'Computer',
    console: 'Console',
    journal: 'Journal',
    policy: 'Policy',
    network: 'Network',
    written: 'Written',
  },
  networkMode: (mode: string) =>
    ({
      observe: 'only observed',
      alarm: 'watched, nothing is stopped',
      enforce: 'what is not approved is stopped',
    })[mode] ?? mode,
  isolated: (reason: string) =>
    `ISOLATED, nothing but the console is reached (${reason === 'condition' ? 'a wrong network' : reason})`,
  networkConditions: (count: number) =>
    count === 0 ? 'nothing forbidden' : `${count} forbidden ${count === 1 ? 'thing' : 'things'} now`,
  since: (seconds: number) => `${seconds} s ago`,
  phases: {
    streaming: 'connected',
    checking: 'connecting',
    greeting: 'connecting',
    connecting: 'connecting',
    waiting: 'not connected',
    stopped: 'closed',
  } as Readonly<Record<string, string>>,
  needsSomebody: 'somebody must act',
  journalLine: (at: { seq: number; acked: number | null }) => `at ${at.seq}, acknowledged ${at.acked ?? 0}`,
  journalFault: (code: string) => `cannot write (${code})`,
  journalWaiting: (count: number) => `${count} waiting`,
  journalLost: (count: number) => `${count} facts not journaled`,
  journalGaps: (count: number) => `${count} gaps`,
  ofQuota: (share: string) => `${share} of its quota`,
  policyLine: (policy: { version: number; level: Level; mode: NetworkMode }) =>
    `version ${policy.version}, ${LEVEL_NAMES[policy.level].zh} (${LEVEL_NAMES[policy.level].en}), ${policy.mode}`,
  modes: (modes: Readonly<Record<string, string>>) =>
    Object.entries(modes)
      .map(([group, mode]) => `${group} ${mode}`)
      .join(', '),
  sensorsHeading: ['SENSOR', 'STATE', 'HOW'],
  sensors: {
    usb: 'USB',
    media: 'media',
    network: 'network',
    connections: 'connections',
    hardware: 'radios and cameras',
    files: 'files on media',
    folders: 'watched folders',
    host: 'host',
    clock: 'clock',
    sessions: 'sessions',
  } satisfies Readonly<Record<SensorName, string>>,
  states: { watching: 'watching', fallback: 'fallback', 'not-watched': 'not watched' },
  noSensors: 'No sensor has reported yet.',
  verifyEmpty: (folder: string) => `There is no journal in ${folder}.`,
  verifyEpoch: (epoch: string, reason: string, hash: string) =>
    `Epoch ${epoch} (${reason}), chained with ${hash}`,
  verifyHeading: ['SEGMENT', 'RECORDS', 'VERDICT'],
  verifyWhole: 'whole',
  verifyEmptySegment: 'empty',
  verifyTail: (at: number) => `whole, with an unfinished write from byte ${at} on`,
  verifyDamaged: (at: number, seq: number | null) =>
    `damaged at byte ${at}${seq === null ? '' : `, record ${seq}`}`,
  verifyMismatch: (at: number, seq: number | null) =>
    `chain broken at byte ${at}${seq === null ? '' : `, record ${seq}`}`,
  verifyMissing: (first: number, last: number) =>
    first === last ? `record ${first} missing` : `records ${first} to ${last} missing`,
  verifyDeclared: 'declared in the journal',
  verifyUndeclared: 'not declared',
  verifyGood: (records: number) => `The chain holds: ${records} records.`,
  verifyDeclaredOnly: (records: number) => `The chain holds but for the gaps declared: ${records} records.`,
  verifyBad: (first: string) => `The chain does not hold. First fault: ${first}`,
  locked: 'An agent is writing this journal now; what it adds meanwhile is not looked at.',
  holdNothing: {
    'off-at-boot': 'Media are not denied: the kernel was started with shoukou.hold=off.',
    'not-enrolled': 'Media are not denied: this computer is not enrolled.',
    observe: 'Media are not denied: the policy only observes them.',
    released: 'Media are not denied: they were released; a newer policy brings the denial back.',
  },
  colon: ': ',
  layers: {
    'usb-default': 'USB devices are born unauthorised',
    'usb-airlock': 'USB drivers bind only when asked to',
    'device-guard': 'Device guard',
    'block-cut': 'Media are cut off their bus',
    'connection-guard': 'Connection guard',
    'packet-table': 'Packet table',
    'frame-table': 'Frame table',
    isolation: 'Isolation',
  },
  layerStates: { 'in-force': 'in force', failed: 'failed', absent: 'not there' },
  released: (version: number) =>
    `Released until a policy newer than version ${version} arrives. Devices that were refused stay so until they are plugged in again.`,
  needsRoot: 'Only root may do this.',
  bundles: BUNDLE_MESSAGES.en,
  reasonTooLong: (max: number) => `The reason is longer than ${max} characters.`,
}

export type Messages = typeof en

const zh: Messages = {
  removal: REMOVAL_MESSAGES.zh,
  usage: `shoukou-agent 命令 [选项]

  run      --config 文件 | --state 目录   前台运行，收到 SIGTERM 时停止
  enroll   --console 网址 --token 令牌 [--state 目录] [--watch 目录]… [--force]
                                          在控制台登记本机
${BUNDLE_MESSAGES.zh.usage}
  media    [--code 授权码]                接入的介质与拒绝原因；输入口述授权码
  status   [--state 目录] [--json]        监控情况，以及控制台是否已收到
  verify   [--state 目录] [--json]        逐段检验日志链
  hold     [--config 文件 | --state 目录] 开机早期按已存策略封闭介质
  release  --reason 原因 [--state 目录]   解除封闭（留有记录），直至收到新版策略
${REMOVAL_MESSAGES.zh.usage}
  version                                 显示版本
  help                                    显示本帮助`,
  unknownCommand: (name) => `shoukou-agent：没有命令 ${name}。`,
  badOption: (command, why, known) =>
    `shoukou-agent ${command}：选项有误（${why}）。${known === '' ? '此命令没有选项。' : `可用选项：${known}`}`,
  missingOption: (name) => `缺少 --${name}；请参阅 shoukou-agent help。`,
  enrolled: (done) =>
    [
      `已登记为 ${done.computer}（代理 ${done.agent}），策略版本 ${done.policyVersion}。`,
      `基线：USB 设备 ${done.baseline.usb.length} 个，磁盘 ${done.baseline.disks.length} 个，网络接口 ${done.baseline.interfaces.length} 个。`,
      ...(done.setAside === null ? [] : [`原身份及其日志已移至 ${done.setAside}。`]),
    ].join('\n'),
  rights: { none: '已拒绝', 'read-only': '只读', 'read-write': '读写' },
  mediaNoAgent: '本机监控程序没有介质信息。',
  mediaControlled: '本机管控介质：未登记的一律拒绝。',
  mediaObserved: '本机仅观察介质，不拒绝。',
  mediaNone: '没有接入介质。',
  mediaHeading: ['介质', '编号', '使用', '设备', '原因'],
  mediaAsk: '如需登记或临时使用，请联系保密办。',
  mediaAskAt: (contact) => `如需登记或临时使用，请联系：${contact}`,
  mediaChallenge: (name) =>
    `口述授权：为 ${name} 报出下列数字，再用 shoukou-agent media --code 授权码 输入听到的授权码`,
  mediaRules: {
    'unregistered-media-inserted': '未登记',
    'media-identity-mismatch': '与所称介质不符',
    'media-status-invalid': '已停用、下落不明或报废',
    'media-not-assigned': '未分配给本机或您使用',
    'high-media-on-low-host': '密级高于本机',
    'classified-media-on-unclassified-host': '涉密介质接入非涉密计算机',
    'unclassified-media-on-classified-host': '非涉密介质接入涉密计算机',
    'registered-medium': '已登记',
    'lower-level-medium': '密级较低',
    'one-way-import': '单向导入',
    baseline: '本机部件',
    granted: '临时授权',
  },
  codeOutcomes: {
    granted: '介质已放行。',
    wrong: '授权码不适用于本机任何介质。连错五次即锁定。',
    mistyped: '授权码听错或输错（校验位不符），未计次数。',
    locked: '错误次数过多，30 分钟内不接受授权码。',
    'no-spoken-codes': '本机登记时未启用口述授权码。',
    none: '监控程序没有回应，是否在运行？',
  },
  separator: '，',
  notRunning: '未运行',
  hanging: '无响应',
  running: (pid) => `运行中（进程 ${pid}）`,
  stoppedCleanly: '已停止',
  neverRan: (folder) => `${folder} 中没有代理运行过。`,
  unread: (path) => `状态文件 ${path} 无法读取。`,
  labels: {
    agent: '代理',
    computer: '计算机',
    console: '控制台',
    journal: '日志',
    policy: '策略',
    network: '网络',
    written: '更新',
  },
  networkMode: (mode) =>
    ({ observe: '仅监控', alarm: '监控并报警，不阻断', enforce: '未批准的连接一律阻断' })[mode] ?? mode,
  isolated: (reason) => `已隔离，仅可连接控制台（${reason === 'condition' ? '接入了错误的网络' : reason}）`,
  networkConditions: (count) => (count === 0 ? '无违规' : `当前 ${count} 项违规`),
  since: (seconds) => `${seconds} 秒前`,
  phases: {
    streaming: '已连接',
    checking: '正在连接',
    greeting: '正在连接',
    connecting: '正在连接',
    waiting: '未连接',
    stopped: '已关闭',
  },
  needsSomebody: '需人工处理',
  journalLine: (at) => `已记录 ${at.seq} 条，控制台已确认 ${at.acked ?? 0} 条`,
  journalFault: (code) => `无法写入（${code}）`,
  journalWaiting: (count) => `${count} 条待写`,
  journalLost: (count) => `${count} 条未能记录`,
  journalGaps: (count) => `${count} 处缺失`,
  ofQuota: (share) => `占配额 ${share}`,
  policyLine: (policy) =>
    `版本 ${policy.version}，${LEVEL_NAMES[policy.level].zh}，${policy.mode === 'standalone' ? '单机' : '涉密网络'}`,
  modes: (modes) => {
    const groups: Readonly<Record<string, string>> = { media: '介质', network: '网络', files: '文件' }
    const words: Readonly<Record<string, string>> = { observe: '仅记录', alarm: '告警', enforce: '阻断' }
    return Object.entries(modes)
      .map(([group, mode]) => `${groups[group] ?? group}${words[mode] ?? mode}`)
      .join('，')
  },
  sensorsHeading: ['监控项', '状态', '方式'],
  sensors: {
    usb: 'USB 设备',
    media: '存储介质',
    network: '网络',
    connections: '网络连接',
    hardware: '无线与音视频硬件',
    files: '介质上的文件',
    folders: '指定文件夹',
    host: '主机',
    clock: '时钟',
    sessions: '登录会话',
  },
  states: { watching: '监控中', fallback: '降级监控', 'not-watched': '未监控' },
  noSensors: '尚无监控项报告。',
  verifyEmpty: (folder) => `${folder} 中没有日志。`,
  verifyEpoch: (epoch, reason, hash) => `日志 ${epoch}（${reason}），链算法 ${hash}`,
  verifyHeading: ['分段', '记录', '结论'],
  verifyWhole: '完好',
  verifyEmptySegment: '空',
  verifyTail: (at) => `完好，自第 ${at} 字节起有未写完的内容`,
  verifyDamaged: (at, seq) => `第 ${at} 字节处损坏${seq === null ? '' : `，记录 ${seq}`}`,
  verifyMismatch: (at, seq) => `第 ${at} 字节处链断裂${seq === null ? '' : `，记录 ${seq}`}`,
  verifyMissing: (first, last) => (first === last ? `缺记录 ${first}` : `缺记录 ${first} 至 ${last}`),
  verifyDeclared: '日志中已声明',
  verifyUndeclared: '未声明',
  verifyGood: (records) => `日志链完整：共 ${records} 条记录。`,
  verifyDeclaredOnly: (records) => `除已声明的缺失外日志链完整：共 ${records} 条记录。`,
  verifyBad: (first) => `日志链不完整。首个问题：${first}`,
  locked: '代理正在写此日志；检验期间新增的内容未计入。',
  holdNothing: {
    'off-at-boot': '未封闭介质：内核启动参数为 shoukou.hold=off。',
    'not-enrolled': '未封闭介质：本机尚未登记。',
    observe: '未封闭介质：策略为仅记录。',
    released: '未封闭介质：已由管理员解除，收到新版策略后恢复封闭。',
  },
  colon: '：',
  layers: {
    'usb-default': 'USB 设备默认不授权',
    'usb-airlock': 'USB 驱动不自动绑定',
    'device-guard': '设备守卫',
    'block-cut': '介质从总线切断',
    'connection-guard': '连接管控',
    'packet-table': '报文管控表',
    'frame-table': '帧管控表',
    isolation: '隔离',
  },
  layerStates: { 'in-force': '已生效', failed: '失败', absent: '未启用' },
  released: (version) => `已解除，直至收到高于版本 ${version} 的策略。被拒绝的设备须重新插入。`,
  needsRoot: '此操作仅限 root。',
  bundles: BUNDLE_MESSAGES.zh,
  reasonTooLong: (max) => `原因超过 ${max} 个字符。`,
}

/** Returns the language of the environment, as gettext does: LC_ALL, LC_MESSAGES, LANG. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || ''
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** Returns the sentences of a language. */
export function messages(language: Language): Messages {
  return language === 'zh' ? zh : en
}
