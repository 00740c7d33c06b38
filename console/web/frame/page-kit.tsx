/** Around every page but the overview: the component kit's messages and dialogs, loaded with the first page that may have some. */
import { App as KitApp } from 'antd'
import type { ReactNode } from 'react'

export function PageKit({ children }: { readonly children: ReactNode }): ReactNode {
  return <KitApp component={false}>{children}</KitApp>
}
