/** Covers the page of whoever's session ended: the same person goes on where the work was, anybody else begins afresh. */
import { Button } from 'antd'
import { type ReactNode, useLayoutEffect } from 'react'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { CredentialForm } from './credential-form.tsx'
import { EndedNote } from './ended-note.tsx'
import { EntryCard } from './entry-card.tsx'

export function LockScreen({ name }: { readonly name: string }): ReactNode {
  const { t } = useText()
  // Dialogs, drop-downs and messages stand beside the page, not in it: the style sheet covers those by this mark.
  useLayoutEffect(() => {
    document.documentElement.toggleAttribute('data-locked', true)
    return () => void document.documentElement.toggleAttribute('data-locked', false)
  }, [])
  return (
    <EntryCard title={t('lock.title')} extra={<LanguageButton />}>
      <div data-testid="lock-screen">
        <p className="gap-below">{t('lock.who', { name })}</p>
        <CredentialForm fixedName={name} submitText={t('lock.do')} lastName={name}>
          <EndedNote />
        </CredentialForm>
        <p className="lock-another">
          {/* A fresh page: nothing of the one person's is left in memory for the other. */}
          <Button type="link" size="small" onClick={() => location.assign('/')} data-testid="sign-in-another">
            {t('sign-in.another')}
          </Button>
          <span className="muted small">{t('sign-in.another-loses', { name })}</span>
        </p>
      </div>
    </EntryCard>
  )
}
