import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import './design/tokens.css'
import './design/base.css'
import { createFaces } from './router'
import { useAccount } from './session/account'
import { whenLoggedOut } from './session/api'
import { useSite } from './session/site'
import { i18n } from './strings'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)

const router = createFaces()
const account = useAccount()
whenLoggedOut(() => {
  if (account.guarded) { account.ended = true; return }
  const screen = account.me?.kind === 'device'
  account.forget()
  const here = router.currentRoute.value
  if (here.meta.open !== true && here.matched.length > 0) void router.replace(screen ? '/venue' : { path: '/login', query: { next: here.fullPath } })
})

// The catalogue stands before the first word is shown; the session is asked for by the router meanwhile.
void useSite().load().then(() => {
  app.use(router)
  app.mount('#app')
})
