/** The sentences of `agent-tamper` where an agent's identity was used elsewhere. They say what was seen: nobody is named. Pure. */
import type { EvidenceOf } from '../violations.ts'
import type { Lang } from './wording.ts'

type Tamper = EvidenceOf<'agent-tamper'>

/** Words how it was found; null for what a newer console calls otherwise. */
export function identityHeadline({ identity }: Tamper, computer: string, lang: Lang): string | null {
  const other = identity?.otherComputer ?? ''
  switch (identity?.how ?? '') {
    case 'other-hardware':
      // No address: it came in a bundle.
      if (identity?.address === '') {
        return lang === 'zh'
          ? `一个数据包以 ${computer} 的身份由硬件不同的另一台机器写出，已拒绝导入`
          : `A bundle under the identity of ${computer} was written on a machine with other hardware; refused`
      }
      return lang === 'zh'
        ? `${computer} 的身份出现在另一台硬件不同的机器上，已拒绝连接`
        : `The identity of ${computer} was shown by a machine with other hardware; refused`
    case 'two-alive':
      return lang === 'zh'
        ? `${computer} 的身份同时在两处使用，后到的已被拒绝`
        : `The identity of ${computer} is in use in two places at once; the later one was refused`
    case 'came-back':
      return lang === 'zh'
        ? `${computer} 的身份在两处交替使用，可能是系统镜像被复制或被还原`
        : `The identity of ${computer} is used by two in turn: an image may have been copied, or put back`
    case 'earlier-certificate':
      return lang === 'zh'
        ? `${computer} 已更换的旧证书被再次使用，已拒绝连接`
        : `A certificate that ${computer} had replaced was used again; refused`
    case 'same-hardware':
      return lang === 'zh'
        ? `已登记为 ${computer} 的机器又以另一身份${other === '' ? '' : `（${other}）`}接入，已拒绝`
        : `The machine known as ${computer} came under another identity${other === '' ? '' : ` (${other})`}; refused`
    default:
      return null
  }
}
