/** The sentences of `export`, `import` and enrolment by files, in English and Chinese. */
import type { BundleFault } from '@shoukou/protocol'

const en = {
  usage: `  enroll   --request-to DIR [--state DIR] [--watch DIR]… [--force]
                                          no network: write a request for the console
  enroll   --answer FILE --mark MARK      … and take its answer; the console shows the mark
  export   --to DIR [--all] [--state DIR] no network: write what the console has not got, encrypted
  import   FILE [--state DIR]             … and take what the console gave for the way home`,
  requestWritten: (path: string) =>
    [
      `The request is in ${path}.`,
      'Take it to the console (Bundles, “Enrol a computer without a network”). Bring its answer back, and write down the mark that the page shows. Then:',
      '  shoukou-agent enroll --answer FILE --mark MARK',
    ].join('\n'),
  enrolledOffline: (done: {
    computer: string
    agent: string
    policyVersion: number
    setAside: string | null
  }) =>
    [
      `Enrolled as ${done.computer} (agent ${done.agent}), policy version ${done.policyVersion}.`,
      ...(done.setAside === null
        ? []
        : [`The earlier identity and its journal are now in ${done.setAside}.`]),
    ].join('\n'),
  notTwoWays: 'Give --request-to, or --answer with --mark, or --console with --token; not several of them.',
  exported: (done: {
    path: string
    number: number
    records: number
    firstSeq: number
    lastSeq: number
    bytes: string
  }) =>
    done.records === 0
      ? `Bundle ${done.number} is in ${done.path} (${done.bytes}). There was nothing new; it tells the console that this computer is well.`
      : `Bundle ${done.number} is in ${done.path} (${done.bytes}): ${done.records} records, ${done.firstSeq} to ${done.lastSeq}.`,
  exportNext:
    'Take it to the console, and bring back what the console gives: only then may records be let go here.',
  exportProgress: (records: number, of: number) => `${records} of ${of} records`,
  exportWarned:
    'Warning: this is not a registered medium that may be written here. The policy only observes media, so the bundle is written, and the record says that its medium is not known.',
  exportRefused: {
    'no-agent':
      'The agent does not run, so nothing says whether this medium is registered; start the agent and try again.',
    'not-a-medium':
      'This folder does not stand on a medium that is let in here; plug in a registered one and name a folder on it.',
    'not-registered': 'This medium is not registered; a bundle goes onto registered media alone.',
    'read-only': 'This medium may only be read here; take one that may be written.',
  } as Readonly<Record<string, string>>,
  exportFull: (folder: string) =>
    `There is not enough room in ${folder}; nothing was left there. Make room, or take another medium.`,
  exportTaken: (path: string) => `${path} exists already; nothing was overwritten.`,
  folderMissing: (folder: string) => `${folder} is no folder that can be written to.`,
  fileMissing: (path: string) => `${path} is no file that can be read.`,
  imported: (taken: { number: number | null; storedSeq: number | null; policyVersion: number }) =>
    [
      `Package ${taken.number ?? '?'} was taken.`,
      taken.storedSeq === null
        ? 'The console has no records of this computer yet.'
        : `The console has everything up to record ${taken.storedSeq}.`,
      `Policy version ${taken.policyVersion} is in force.`,
    ].join(' '),
  importedKnown: (number: number | null) => `Package ${number ?? '?'} was taken before; nothing has changed.`,
  importOlder: (number: number | null) =>
    `Package ${number ?? '?'} is older than the last one taken here; nothing has changed. Bring the newest.`,
  importRefused: (why: string) => `The package was not taken: ${why}`,
  importPartly: (reason: string) =>
    `A part of it could not be done (${reason}); the agent has recorded that.`,
  importWaits: 'The agent does not run. The package is good, and will be taken when the agent starts.',
  importNoAnswer: 'The agent has not answered yet; it will take the package as soon as it can.',
  faults: {
    'not-a-bundle': 'this is not such a file',
    'unsupported-version': 'it is of a newer version than this program',
    malformed: 'its content is not what it should be',
    'too-large': 'it is larger than any such file',
    truncated: 'it breaks off',
    altered: 'it was altered on its way',
    signature: 'it is not signed by this computer’s console, or was altered',
    'foreign-console': 'it is of another console',
    'unknown-key': 'its key is not known here',
    'unknown-agent': 'the computer is not known there',
    'agent-revoked': 'the computer’s certificate was revoked',
    'foreign-agent': 'it is for another computer, or another request',
    older: 'it is older than the last one taken here',
    'records-missing': 'records before it are missing',
    chain: 'its records do not continue what is stored',
    connected: 'the computer is connected',
    'other-machine': 'it was written on another machine',
  } satisfies Readonly<Record<BundleFault, string>>,
}

export type BundleMessages = typeof en

const zh: BundleMessages = {
  usage: `  enroll   --request-to 目录 [--state 目录] [--watch 目录]… [--force]
                                          单机：写出登记申请
  enroll   --answer 文件 --mark 标识      …导入控制台的答复；标识由控制台显示
  export   --to 目录 [--all] [--state 目录]
                                          单机：加密导出控制台尚未收到的记录
  import   文件 [--state 目录]            …导入控制台给出的回执包`,
  requestWritten: (path) =>
    [
      `登记申请已写入 ${path}。`,
      '请送至控制台（“单机数据包”页面，“登记单机”）。带回答复文件，并记下页面显示的标识，然后运行：',
      '  shoukou-agent enroll --answer 文件 --mark 标识',
    ].join('\n'),
  enrolledOffline: (done) =>
    [
      `已登记为 ${done.computer}（代理 ${done.agent}），策略版本 ${done.policyVersion}。`,
      ...(done.setAside === null ? [] : [`原身份及其日志已移至 ${done.setAside}。`]),
    ].join('\n'),
  notTwoWays: '请只用一种方式：--request-to，或 --answer 加 --mark，或 --console 加 --token。',
  exported: (done) =>
    done.records === 0
      ? `第 ${done.number} 个数据包已写入 ${done.path}（${done.bytes}）。没有新记录；它向控制台证明本机正常。`
      : `第 ${done.number} 个数据包已写入 ${done.path}（${done.bytes}）：${done.records} 条记录，序号 ${done.firstSeq} 至 ${done.lastSeq}。`,
  exportNext: '请送至控制台，并带回控制台给出的回执包；此后本机才可清理记录。',
  exportProgress: (records, of) => `${records} / ${of} 条记录`,
  exportWarned:
    '警告：这不是在本机可写的已登记介质。策略对介质仅观察，因此仍写入数据包，记录中注明介质不明。',
  exportRefused: {
    'no-agent': '监控程序未运行，无法确认介质是否登记。请启动后再试。',
    'not-a-medium': '此目录不在已获准的介质上。请接入已登记介质，并指定其上的目录。',
    'not-registered': '此介质未登记；数据包只能写入已登记介质。',
    'read-only': '此介质在本机只读；请换用可写的介质。',
  },
  exportFull: (folder) => `${folder} 空间不足；未留下任何文件。请清理空间或更换介质。`,
  exportTaken: (path) => `${path} 已存在；未覆盖任何文件。`,
  folderMissing: (folder) => `${folder} 不是可写的目录。`,
  fileMissing: (path) => `${path} 不是可读的文件。`,
  imported: (taken) =>
    [
      `第 ${taken.number ?? '?'} 个回执包已导入。`,
      taken.storedSeq === null
        ? '控制台尚无本机记录。'
        : `控制台已收到第 ${taken.storedSeq} 条及以前的全部记录。`,
      `现行策略版本 ${taken.policyVersion}。`,
    ].join(''),
  importedKnown: (number) => `第 ${number ?? '?'} 个回执包以前已导入；没有变化。`,
  importOlder: (number) => `第 ${number ?? '?'} 个回执包早于上次导入的；没有变化。请带来最新的回执包。`,
  importRefused: (why) => `回执包未导入：${why}`,
  importPartly: (reason) => `其中一部分未能完成（${reason}），已记录。`,
  importWaits: '监控程序未运行。回执包有效，将在启动时导入。',
  importNoAnswer: '监控程序尚未答复；它会尽快导入回执包。',
  faults: {
    'not-a-bundle': '不是此类文件',
    'unsupported-version': '版本高于本程序',
    malformed: '内容不符合格式',
    'too-large': '超过此类文件的大小上限',
    truncated: '文件不完整',
    altered: '途中被改动',
    signature: '不是本机控制台签名，或已被改动',
    'foreign-console': '属于另一控制台',
    'unknown-key': '密钥未知',
    'unknown-agent': '该控制台不认识此计算机',
    'agent-revoked': '此计算机的证书已吊销',
    'foreign-agent': '属于另一计算机或另一申请',
    older: '早于上次导入的',
    'records-missing': '此前的记录缺失',
    chain: '记录与已存的不衔接',
    connected: '此计算机正处于连接状态',
    'other-machine': '它由另一台机器写出',
  },
}

/** The sentences by language. */
export const BUNDLE_MESSAGES = { en, zh }
