/** The page's outermost parts: language, look, cache, address. */
import { QueryClientProvider } from '@tanstack/react-query'
import { ConfigProvider } from 'antd'
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react'
import { BrowserRouter } from 'react-router'
import { DemonstrationMark } from './frame/demonstration.tsx'
import { ErrorBoundary } from './frame/error-boundary.tsx'
import { kitTheme } from './frame/kit-theme.ts'
import { wallPath } from './frame/routes.ts'
import type { Language } from './i18n/language.ts'
import { LanguageSwitchProvider } from './i18n/language-switch.tsx'
import { type LoadedLanguage, loadLanguage, loadRestWords } from './i18n/load-language.ts'
import { queryClient } from './server/query-client.ts'
import { SessionGate } from './session/session-gate.tsx'

// A screen on a wall: no frame, no navigation, no lock, and nothing of them loaded.
const WallPage = lazy(async () => {
  const [{ WallPage: page }] = await Promise.all([import('./wall/wall-page.tsx'), loadRestWords()])
  return { default: page }
})
const nonce = readNonce()

export function App({ first }: { readonly first: LoadedLanguage }): ReactNode {
  const [loaded, setLoaded] = useState(first)
  const switchTo = useCallback(
    async (language: Language) => setLoaded(await loadLanguage(language, true)),
    [],
  )
  const language = useMemo(() => ({ language: loaded.language, switchTo }), [loaded.language, switchTo])
  return (
    <LanguageSwitchProvider value={language}>
      <ConfigProvider
        locale={loaded.kit}
        theme={kitTheme}
        {...(nonce === null ? {} : { csp: { nonce } })}
        button={{ autoInsertSpace: false }}
      >
        <div className="app">
          <DemonstrationMark />
          <ErrorBoundary>
            <QueryClientProvider client={queryClient}>
              {location.pathname === wallPath ? (
                <Suspense>
                  <WallPage />
                </Suspense>
              ) : (
                <BrowserRouter>
                  <SessionGate />
                </BrowserRouter>
              )}
            </QueryClientProvider>
          </ErrorBoundary>
        </div>
      </ConfigProvider>
    </LanguageSwitchProvider>
  )
}

/** The console writes a fresh nonce into each index.html; without one the placeholder still stands there. */
function readNonce(): string | null {
  const content = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? ''
  return content === '' || content.startsWith('__') ? null : content
}
