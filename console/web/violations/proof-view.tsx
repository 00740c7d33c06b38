/** The proof: which record, its digest, its place in the chain, whether that holds now, and the very bytes. */
import type { ReactNode } from 'react'
import type { ViolationDetail } from '../../api/contract.ts'
import { rawAddress } from '../evidence/record-row.tsx'
import { useText } from '../i18n/use-text.ts'
import { CopyButton } from '../show/copy-button.tsx'
import { formatCount } from '../show/format.ts'
import { DocumentView, RawTextView } from '../show/raw-text-view.tsx'
import { TimeView } from '../show/time-view.tsx'

interface Props {
  readonly proof: ViolationDetail['proof']
  readonly archived: ViolationDetail['archived']
  readonly agent: string
}

export function ProofView({ proof, archived, agent }: Props): ReactNode {
  const { t, language } = useText()
  if (archived !== null) return <ArchivedProof archived={archived} />
  if (proof === null) return <p>{t('proof.console-itself')}</p>
  const from = formatCount(proof.seq - 1, language)
  const to = formatCount(proof.seq, language)
  return (
    <>
      <p className={proof.isVerified ? 'verified' : 'not-verified'} data-testid="proof-state">
        <span aria-hidden="true">{proof.isVerified ? '✓' : '✕'}</span>{' '}
        {proof.isVerified ? t('proof.verified', { from, to }) : t('proof.not-verified', { from, to })}
      </p>
      <table className="facts">
        <tbody>
          <tr>
            <th scope="row">{t('proof.record')}</th>
            <td>
              {to} <span className="muted">{t('proof.journal')}</span>{' '}
              <bdi className="mono">{proof.epoch}</bdi>
            </td>
          </tr>
          <tr>
            <th scope="row">{t('proof.algorithm')}</th>
            <td data-testid="proof-hash">{t(`proof.hash.${proof.hash}`)}</td>
          </tr>
          <Hash name={t('proof.digest')} hash={proof.digest} />
          <Hash name={t('proof.head-before')} hash={proof.headBefore} />
          <Hash name={t('proof.head')} hash={proof.head} />
        </tbody>
      </table>
      <h4>{t('proof.raw')}</h4>
      <DocumentView document={proof.raw} />
      <div className="raw-actions no-print">
        <CopyButton text={proof.raw} label={t('proof.copy-raw')} />
        <a href={rawAddress(agent, proof.epoch, proof.seq)} download data-testid="download-raw">
          {t('proof.download')}
        </a>
      </div>
    </>
  )
}

/** The record is out of its period and in an archive: where, and what proves it there. */
function ArchivedProof({ archived }: { readonly archived: NonNullable<Props['archived']> }): ReactNode {
  const { t, language } = useText()
  return (
    <>
      <p data-testid="proof-archived">{t('proof.archived')}</p>
      <table className="facts">
        <tbody>
          <tr>
            <th scope="row">{t('proof.record')}</th>
            <td>
              {formatCount(archived.seq, language)} <span className="muted">{t('proof.journal')}</span>{' '}
              <bdi className="mono">{archived.epoch}</bdi>
            </td>
          </tr>
          <tr>
            <th scope="row">{t('proof.archive')}</th>
            <td>
              <RawTextView text={archived.name} />
            </td>
          </tr>
          <Hash name={t('proof.archive-digest')} hash={archived.digest} />
          <tr>
            <th scope="row">{t('proof.archived-at')}</th>
            <td>
              <TimeView ms={archived.at} />
            </td>
          </tr>
        </tbody>
      </table>
    </>
  )
}

function Hash({ name, hash }: { readonly name: string; readonly hash: string }): ReactNode {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <code className="mono wrap">{hash}</code> <CopyButton text={hash} />
      </td>
    </tr>
  )
}
