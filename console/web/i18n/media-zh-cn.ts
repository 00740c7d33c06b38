/** The words of media control in Chinese: part of `zh-cn.ts`; `media-en.ts` has the same keys. */
export const mediaZhCN = {
  'records.group.media': '介质与管控',
  'fact.media.examined': '介质已检验',
  'fact.media.access': '介质权限变化',
  'fact.media.sealed': '写入介质封签',
  'fact.usb.acted': 'USB 设备处置',
  'fact.usb.re-enumerated': '同一端口变为另一设备',
  'fact.usb.storm': '端口频繁插拔',
  'fact.control.state': '管控状态变化',
  'fact.guard.refused': '已拒绝打开存储设备',
  'fact.grant.changed': '临时授权变化',
  'fact.count.opens_one': '{{count}} 次',
  'fact.count.opens_other': '{{count}} 次',
  'fact.count.attaches_one': '接入 {{count}} 次',
  'fact.count.attaches_other': '接入 {{count}} 次',
  'fact.count.minutes_one': '{{count}} 分钟',
  'fact.count.minutes_other': '{{count}} 分钟',
} as const
