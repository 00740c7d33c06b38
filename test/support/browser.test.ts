import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import { createAuthority, issueServerCertificate } from '@shoukou/console/pki/authority.ts'
import { expect, it } from 'vitest'
import { launchBrowser } from './browser.ts'

const BODY =
  '<!doctype html><title>a console</title><script>document.title += " " + navigator.language</script>'
const BROWSER_TIMEOUT_MS = 60_000

async function startConsoleLike(authority: Awaited<ReturnType<typeof createAuthority>>) {
  const { key, certificate } = await issueServerCertificate(authority, ['127.0.0.1'], Date.now())
  const server = createServer({ key, cert: certificate }, (_request, response) => {
    response.setHeader('content-type', 'text/html').end(BODY)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  return {
    origin: `https://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

it(
  'shows a console of the named authority, in the language asked for, and refuses another key',
  async () => {
    const [ours, foreign] = await Promise.all([
      createAuthority('ours', Date.now()),
      createAuthority('foreign', Date.now()),
    ])
    await using trusted = await startConsoleLike(ours)
    await using other = await startConsoleLike(foreign)
    await using browser = await launchBrowser({
      trust: [{ origin: trusted.origin, authorityPem: ours.certificate }],
    })

    await using chinese = await browser.openPage({ locale: 'zh-CN' })
    await chinese.page.goto(trusted.origin)
    expect(await chinese.page.title()).toBe('a console zh-CN')
    await expect(chinese.page.goto(other.origin)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
  },
  BROWSER_TIMEOUT_MS,
)

it('does not start for a console that the named authority did not certify', async () => {
  const [ours, foreign] = await Promise.all([
    createAuthority('ours', Date.now()),
    createAuthority('foreign', Date.now()),
  ])
  await using other = await startConsoleLike(foreign)
  await expect(
    launchBrowser({ trust: [{ origin: other.origin, authorityPem: ours.certificate }] }),
  ).rejects.toThrow(/self-signed|unable to/)
})
