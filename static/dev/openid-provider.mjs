/**
 * An OpenID provider for tests: panva's oidc-provider, which is certified, with its own pages to log in and consent.
 * It knows everybody by any password. `node dev/openid-provider.mjs PORT REDIRECT_URI`; prints one line when it is up.
 */

import process from 'node:process'
import { Provider } from 'oidc-provider'

const [port, redirect] = process.argv.slice(2)

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'dangxiao', client_secret: 'a secret: with a colon', redirect_uris: [redirect], response_types: ['code'], grant_types: ['authorization_code'] }],
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  cookies: { keys: ['only for tests'] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
})

provider.listen(Number(port), '127.0.0.1', () => { console.log('listening') })
