/** The look of the component kit. Red is for violations alone: the kit's own errors keep it, nothing else has it. */
import type { ThemeConfig } from 'antd'

export const fontFamily =
  '"Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif'
export const monoFamily = '"Noto Sans Mono CJK SC", "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace'

export const kitTheme: ThemeConfig = {
  token: {
    colorPrimary: '#1f5582',
    colorInfo: '#1f5582',
    colorLink: '#1f5582',
    colorError: '#b42318',
    colorWarning: '#9a6700',
    colorSuccess: '#1a7f4b',
    // What the kit would derive from such dark tones is mud.
    colorErrorBg: '#fdf1f0',
    colorErrorBorder: '#e9b4ae',
    colorWarningBg: '#fff8e8',
    colorWarningBorder: '#e6c987',
    colorInfoBg: '#eff5fa',
    colorInfoBorder: '#b9d0e2',
    colorSuccessBg: '#eaf6ef',
    colorSuccessBorder: '#a9d5bc',
    colorText: '#1b2733',
    colorTextSecondary: '#4a5a6a',
    colorTextTertiary: '#5d6b7a',
    colorTextDescription: '#4a5a6a',
    colorTextPlaceholder: '#6b7886',
    colorBgLayout: '#f3f5f7',
    borderRadius: 4,
    fontFamily,
    fontFamilyCode: monoFamily,
    fontSize: 14,
    // Live rows shall not slide in; what changes stands there at once.
    motion: false,
  },
  components: {
    Segmented: { trackBg: '#e1e7ec' },
  },
}
