/** Has the station that the medium is plugged into write its seal onto it. */
import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query'
import { App, Radio } from 'antd'
import { type ReactNode, useState } from 'react'
import type { MediumItem, MediumSighting, SealOrder } from '../../api/contract-media.ts'
import { useText } from '../i18n/use-text.ts'
import { forgetMedia, mediumPath, seenMediaQuery } from '../server/media-queries.ts'
import { request } from '../server/request.ts'
import { AskDialog } from './ask-dialog.tsx'
import { isMedium } from './seen-identity.ts'

interface Props {
  readonly medium: MediumItem
  readonly sightings: readonly MediumSighting[]
  readonly onSent: () => void
  readonly onClose: () => void
}

export function SealDialog({ medium, sightings, onSent, onClose }: Props): ReactNode {
  const { t } = useText()
  const cache = useQueryClient()
  const { message } = App.useApp()
  const agents = [...new Set(sightings.filter((one) => one.endedAt === null).map((one) => one.agent))]
  const queries = useQueries({
    queries: agents.map((agent) => ({ ...seenMediaQuery(agent), refetchInterval: 3_000 })),
  })
  const stations = queries
    .flatMap((query) => query.data?.media ?? [])
    .filter((one) => one.isPresent && one.isStation && isMedium(one, medium.number))
  const [wanted, setWanted] = useState<string | null>(null)
  const chosen = stations.find((one) => one.instance === wanted) ?? stations[0]
  const order = useMutation({
    mutationFn: (body: SealOrder) =>
      request<{ isSent?: boolean; sent?: boolean }>('POST', mediumPath(medium.number, '/seal'), body),
    onSuccess: (answer) => {
      if (answer?.isSent === false || answer?.sent === false) {
        void message.warning(t('seal.not-sent'))
        return
      }
      forgetMedia(cache)
      void message.success(t('seal.sent'))
      onSent()
      onClose()
    },
  })
  return (
    <AskDialog
      title={t('seal.title', { number: medium.number })}
      okText={t('seal.write')}
      okTestId="seal-submit"
      error={order.error}
      isPending={order.isPending}
      isReady={chosen !== undefined}
      onOk={() => chosen !== undefined && order.mutate({ agent: chosen.agent, instance: chosen.instance })}
      onClose={onClose}
    >
      <p className="gap-below">{t('seal.why')}</p>
      {chosen === undefined ? (
        <p className="consequence">{t('seal.no-station')}</p>
      ) : (
        <Radio.Group
          className="seen-choices"
          aria-label={t('seen.station')}
          value={chosen.instance}
          onChange={(event) => setWanted(String(event.target.value))}
        >
          {stations.map((one) => (
            <Radio key={`${one.agent}.${one.instance}`} value={one.instance}>
              <bdi className="mono">{one.computer}</bdi> <bdi className="mono muted">{one.instance}</bdi>
            </Radio>
          ))}
        </Radio.Group>
      )}
    </AskDialog>
  )
}
