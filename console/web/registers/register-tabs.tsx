/** The registers beside each other; the media's register is a page of its own. */
import type { ReactNode } from 'react'
import { NavLink } from 'react-router'
import { LEDGER_KINDS } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { useText } from '../i18n/use-text.ts'
import { useMay } from '../session/session-context.ts'
import { useWords } from './entry-value.tsx'

export function RegisterTabs(): ReactNode {
  const { t } = useText()
  const say = useWords()
  const mayReadMedia = useMay('media.read')
  return (
    <nav className="register-tabs" aria-label={t('nav.registers')}>
      {LEDGER_KINDS.map((name) => (
        <NavLink key={name} to={`/registers/${name}`} data-testid={`register-tab-${name}`}>
          {say(kindOf(name).words)}
        </NavLink>
      ))}
      {mayReadMedia && <NavLink to="/media">{t('nav.media')}</NavLink>}
      <NavLink to="/registers/departments" data-testid="register-tab-departments">
        {t('departments.title')}
      </NavLink>
      <NavLink to="/registers/patterns" data-testid="register-tab-patterns">
        {t('patterns.title')}
      </NavLink>
    </nav>
  )
}
