/** Sentences of `uninstall`, and of seals in `verify`, in English and Chinese. Part of `messages.ts`. */
const en = {
  usage: `  uninstall [--code CODE] [--force] [--state DIR]
                                          remove the agent, with a code from the console`,
  challenge: (challenge: string) =>
    `Read this out to the security office, and run uninstall again with --code and what it answers:\n\n    ${challenge}\n`,
  refused: {
    mistyped: 'The code was mistyped: its check digit does not hold. It was not counted as a try.',
    wrong: 'This is not the code for this challenge.',
    locked: 'Too many wrong codes: no code is taken for 30 minutes.',
    'no-challenge': 'There is no challenge to answer; run uninstall without --code first.',
    'no-key':
      'This computer has no key for removal codes yet; let its agent connect to the console once, or use --force in an emergency.',
  },
  notSealed: 'No seal covers it.',
  sealed: (upToSeq: number, index: number) =>
    `Sealed up to record ${upToSeq} (seal ${index}); whether each seal holds, the console checks: only it has the keys.`,
  removed: (isTold: boolean, state: string) =>
    `Removed${isTold ? '; the console has the record of it' : '; the console could not be told, the record is in the journal'}. The state stays in ${state}.`,
}

const zh: typeof en = {
  usage: `  uninstall [--code 码] [--force] [--state 目录]
                                          凭控制台签发的卸载码卸载监控程序`,
  challenge: (challenge) =>
    `请向保密办读出以下质询码，再以 --code 加上所得卸载码重新运行 uninstall：\n\n    ${challenge}\n`,
  refused: {
    mistyped: '卸载码输入有误：校验位不符。未计入尝试次数。',
    wrong: '这不是本次质询的卸载码。',
    locked: '错误次数过多：30 分钟内不再接受卸载码。',
    'no-challenge': '没有待应答的质询；请先不带 --code 运行 uninstall。',
    'no-key': '本机尚无卸载码密钥；请让监控程序连接一次控制台，紧急情况可用 --force。',
  },
  notSealed: '没有封印。',
  sealed: (upToSeq, index) =>
    `已封印至第 ${upToSeq} 条记录（封印 ${index}）；各封印是否成立由控制台核验，密钥只在控制台。`,
  removed: (isTold, state) =>
    `已卸载${isTold ? '；控制台已收到记录' : '；未能通知控制台，记录留在日志中'}。状态保留在 ${state}。`,
}

export const REMOVAL_MESSAGES = { en, zh }
