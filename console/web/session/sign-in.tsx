/** Sign-in on a page that holds nobody's work; where a session of this browser ended meanwhile, why. */
import type { ReactNode } from 'react'
import { LanguageButton } from '../i18n/language-switch.tsx'
import { useText } from '../i18n/use-text.ts'
import { CredentialForm } from './credential-form.tsx'
import { EndedNote } from './ended-note.tsx'
import { EntryCard } from './entry-card.tsx'

export function SignIn(): ReactNode {
  const { t } = useText()
  return (
    <EntryCard title={t('sign-in.title')} extra={<LanguageButton />}>
      <CredentialForm fixedName={null} submitText={t('sign-in.submit')} lastName={null}>
        <EndedNote isQuiet />
      </CredentialForm>
    </EntryCard>
  )
}
