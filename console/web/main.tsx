/** Starts the pages: the language first, because nothing is shown without words. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './styles/base.css'
import './styles/frame.css'
import './styles/marks.css'
import './styles/panels.css'
import './styles/overview.css'
import './styles/clocks.css'
import './styles/violations.css'
import './styles/detail.css'
import './styles/handling.css'
import './styles/computers.css'
import './styles/policy.css'
import './styles/network.css'
import './styles/identity.css'
import './styles/media.css'
import './styles/media-label.css'
import './styles/registers.css'
import './styles/findings.css'
import './styles/bundles.css'
import './styles/ceiling.css'
import './styles/sign-in.css'
import './styles/access.css'
import './styles/keeping.css'
import './styles/timeline.css'
import './styles/print.css'
import './styles/demonstration.css'
import './styles/narrow.css'
import { App } from './app.tsx'
import { firstLanguage, loadLanguage } from './i18n/load-language.ts'
import { watchUse } from './server/recent-use.ts'

async function start(): Promise<void> {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no #root')
  watchUse(document)
  const first = await loadLanguage(firstLanguage(), false)
  createRoot(root).render(
    <StrictMode>
      <App first={first} />
    </StrictMode>,
  )
}

void start()
