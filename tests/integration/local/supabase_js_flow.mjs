// Drives the unmodified supabase-js through sign-up, sign-in, refresh and sign-out; prints what it saw as JSON.
// usage: node supabase_js_flow.mjs <folder with node_modules> <url> <anon key> <email> <password>
import { createRequire } from 'node:module'
import path from 'node:path'

const [folder, url, anonKey, email, password] = process.argv.slice(2)
const { createClient } = createRequire(path.join(path.resolve(folder), 'package.json'))('@supabase/supabase-js')

// Node before 22 has no WebSocket, which the realtime client that we never connect asks for when it is made.
const options = {
  auth: { persistSession: false, autoRefreshToken: false },
  realtime: { transport: globalThis.WebSocket ?? class {} },
}
const client = () => createClient(url, anonKey, options)
const code = ({ error }) => error?.code ?? null
const seen = {}

const supabase = client()
const signedUp = await supabase.auth.signUp({ email, password, options: { data: { name: 'Ada' } } })
seen.signUp = { code: code(signedUp), email: signedUp.data.user?.email, hasSession: Boolean(signedUp.data.session) }
seen.signUpAgain = code(await client().auth.signUp({ email, password }))
const weak = await client().auth.signUp({ email: 'other@example.com', password: 'short' })
seen.weak = { name: weak.error?.name, reasons: weak.error?.reasons }
seen.wrongPassword = code(await client().auth.signInWithPassword({ email, password: 'wrong password' }))

const other = client()
const signedIn = await other.auth.signInWithPassword({ email, password })
seen.signIn = { code: code(signedIn), sameUser: signedIn.data.user?.id === signedUp.data.user?.id }

const got = await supabase.auth.getUser()
seen.getUser = { code: code(got), name: got.data.user?.user_metadata.name }
const claims = await supabase.auth.getClaims()
seen.claims = { code: code(claims), alg: claims.data?.header.alg, role: claims.data?.claims.role }

const before = (await supabase.auth.getSession()).data.session
const refreshed = await supabase.auth.refreshSession()
seen.refresh = { code: code(refreshed), rotated: refreshed.data.session?.refresh_token !== before.refresh_token }
seen.forgedRefresh = code(await client().auth.refreshSession({ refresh_token: 'never-issued' }))

const updated = await supabase.auth.updateUser({ password: `${password}, changed`, current_password: password, data: { name: 'Grace' } })
seen.update = { code: code(updated), name: updated.data.user?.user_metadata.name }
seen.otherAfterUpdate = code(await other.auth.refreshSession())

seen.signOut = code(await supabase.auth.signOut())
seen.afterSignOut = (await supabase.auth.getSession()).data.session
seen.tokenAfterSignOut = (await supabase.auth.getUser(refreshed.data.session.access_token)).error?.name
seen.refreshAfterSignOut = code(await client().auth.refreshSession({ refresh_token: refreshed.data.session.refresh_token }))
console.log(JSON.stringify(seen))
