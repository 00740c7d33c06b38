/**
 * What an operating error is to whoever stands at the terminal: one sentence that says what to do, and the code for the
 * one who searches for it. Pure.
 *
 * Errors carry their English sentence. In Chinese the frequent ones have their own; the rest stand behind a heading.
 */
import { type ErrorCode, ShoukouError } from '@shoukou/protocol'
import type { Language } from './messages.ts'
import { BUNDLE_MESSAGES } from './messages-bundles.ts'
import { printable } from './table.ts'

/** Returns the sentence for anything thrown; a defect comes with its stack. */
export function faultSentence(fault: unknown, language: Language): string {
  if (fault instanceof ShoukouError)
    return language === 'zh' ? chinese(fault) : `${printable(fault.message)} (${fault.code})`
  if (fault instanceof Error && 'code' in fault) {
    const message = printable(fault.message)
    return language === 'zh' ? `系统拒绝：${message}` : `The system refused: ${message}`
  }
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
}

function chinese(fault: ShoukouError): string {
  const own = sentences[fault.code]?.((name) => {
    const value = fault.context[name]
    return value === undefined || value === null ? null : printable(String(value))
  })
  return `${own ?? `${headings[fault.code] ?? '出错'}：${printable(fault.message)}`}（${fault.code}）`
}

/** Takes what the error's context says; null where it does not say enough. */
type Sentence = (of: (name: string) => string | null) => string | null

const sentences: Readonly<Partial<Record<ErrorCode, Sentence>>> = {
  'not-enrolled': (of) => {
    if (of('damaged') !== null) return `身份文件缺失或损坏：${of('damaged')}。请加 --force 重新登记本机。`
    if (of('folder') === null) return null
    return `本机尚未登记（${of('folder')} 中没有身份）。请运行：shoukou-agent enroll --console 网址 --token 令牌 --state ${of('folder')}`
  },
  'console-unreachable': (of) =>
    `${of('host')}:${of('port')} 没有控制台应答（${of('reason')}）。请核对网址，并确认控制台正在运行。`,
  'token-refused': () => '登记令牌无效、已使用或已过期。请在控制台重新生成，并完整复制。',
  'authority-mismatch': (of) => {
    if (of('host') === null) return null
    return of('isOtherName') === null
      ? `${of('host')}:${of('port')} 上的控制台不是签发此令牌的控制台。请核对网址，或在该控制台上生成令牌。`
      : `控制台的证书不含名称 ${of('host')}。请使用其证书中的名称，或以 --name ${of('host')} 启动控制台。`
  },
  'state-unusable': (of) =>
    `状态目录 ${of('folder')} 无法使用（${of('reason')}）。请检查权限和磁盘，或用 --state 指定其他目录。`,
  'journal-locked': (of) =>
    of('folder') === null
      ? null
      : `已有代理在 ${of('folder')} 上运行。请先停止它，或用 --state 指定其他目录。`,
  'bundle-refused': (of) => {
    const words: Readonly<Record<string, string>> = BUNDLE_MESSAGES.zh.faults
    const why = words[of('fault') ?? '']
    return why === undefined ? null : `文件未被接受：${why}。`
  },
  'config-invalid': (of) =>
    of('enrolled') === null
      ? null
      : `本机已登记（${of('enrolled')}）。加 --force 可建立新身份，原身份及其日志将移到一旁。`,
}

const headings: Readonly<Partial<Record<ErrorCode, string>>> = {
  'config-invalid': '配置有误',
  'not-permitted': '无权执行',
  'config-unknown-key': '配置中有未知项',
  'request-refused': '登记请求被拒绝',
  'not-enrolled': '本机尚未登记',
  'policy-refused': '策略不可用',
  'authority-mismatch': '控制台不可信',
  'journal-locked': '日志正被使用',
  'malformed-frame': '控制台的应答无法理解',
  'limit-exceeded': '超出限制',
  'rate-limited': '请求过多，请稍候',
  'store-unavailable': '控制台暂时无法存储',
  'internal-error': '控制台内部出错',
}
