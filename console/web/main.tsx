/** Starts the pages: the language first, because nothing is shown without words. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './styles/base.css'
import './styles/frame.css'
import './styles/marks.css'
import './styles/pages.css'
import './styles/print.css'
import { App } from './app.tsx'
import { firstLanguage, loadLanguage } from './i18n/load-language.ts'

async function start(): Promise<void> {
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no #root')
  const first = await loadLanguage(firstLanguage(), false)
  createRoot(root).render(
    <StrictMode>
      <App first={first} />
    </StrictMode>,
  )
}

void start()
