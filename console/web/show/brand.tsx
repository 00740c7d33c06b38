/** The product's name with its mark. */
import type { ReactNode } from 'react'

export function Brand(): ReactNode {
  return (
    <span className="brand">
      <img src="/favicon.svg" alt="" width="26" height="26" />
      <strong lang="zh-CN">守口</strong>
      <span lang="en">Shoukou</span>
    </span>
  )
}
