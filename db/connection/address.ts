import { readFileSync } from 'node:fs'
import type postgres from 'postgres'
import { DatabaseAddressError } from '../errors.ts'

/** What the driver takes of an address. */
type AddressOptions = Pick<
  postgres.Options<Record<string, never>>,
  'host' | 'port' | 'database' | 'username' | 'password' | 'ssl' | 'connection'
> & {
  path?: string
  connect_timeout?: number
}

/**
 * Parameters of libpq that are about its own side, or that `ssl` below is made of; the driver would send them to the
 * server, which refuses them.
 */
const OWN_PARAMETERS = [
  ...[
    'sslmode',
    'sslrootcert',
    'sslcert',
    'sslkey',
    'channel_binding',
    'connect_timeout',
    'host',
    'port',
    'user',
    'password',
    'dbname',
  ],
  ...[
    'gssencmode',
    'sslcompression',
    'sslsni',
    'passfile',
    'keepalives',
    'keepalives_idle',
    'keepalives_interval',
    'keepalives_count',
  ],
  ...[
    'tcp_user_timeout',
    'pgbouncer',
    'fallback_application_name',
    'sslnegotiation',
    'target_session_attrs',
    'require_auth',
  ],
]

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

/**
 * Reads an address as libpq does, with everything percent-encoded; the driver itself takes a database's name and
 * `[::1]` literally.
 * @throws DatabaseAddressError without the address, which is a secret.
 */
export function parseAddress(address: string): AddressOptions {
  if (!URL.canParse(address)) throw new DatabaseAddressError('is not a URL')
  const url = new URL(address)
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw new DatabaseAddressError('is no postgres:// URL')
  const parameters = new Map(url.searchParams)
  const part = (name: string, inUrl: string) => decoded(inUrl) || parameters.get(name) || undefined
  // The parameter wins, as in libpq.
  const host = parameters.get('host') ?? decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'))
  const port = Number(url.port || parameters.get('port') || 5432)
  const ssl = sslOf(parameters)
  return dropUndefined({
    ...(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host: host === '' ? undefined : [host] }),
    port: [port],
    database: part('dbname', url.pathname.slice(1)),
    username: part('user', url.username),
    password: part('password', url.password),
    ssl,
    sslnegotiation: parameters.get('sslnegotiation'),
    target_session_attrs: parameters.get('target_session_attrs'),
    connect_timeout: Number(parameters.get('connect_timeout')) || undefined,
    connection: Object.fromEntries([...parameters].filter(([name]) => !OWN_PARAMETERS.includes(name))),
  }) as AddressOptions
}

function sslOf(parameters: Map<string, string>): AddressOptions['ssl'] {
  const mode = sslMode(parameters)
  if (mode === 'disable') return false
  const [rootFile, certFile, keyFile] = ['sslrootcert', 'sslcert', 'sslkey'].map((name) => parameters.get(name))
  const files = {
    ...(rootFile !== undefined && rootFile !== 'system' ? { ca: read('sslrootcert', rootFile) } : {}),
    ...(certFile === undefined ? {} : { cert: read('sslcert', certFile) }),
    ...(keyFile === undefined ? {} : { key: read('sslkey', keyFile) }),
  }
  if (mode === 'verify-full') return { ...files, rejectUnauthorized: true }
  if (mode === 'verify-ca') return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }
  return Object.keys(files).length === 0
    ? (mode as 'allow' | 'prefer' | 'require')
    : { ...files, rejectUnauthorized: false }
}

/** Reads the mode as libpq does. Without a word there is no TLS, but a root certificate asks for its use. */
function sslMode(parameters: Map<string, string>): string {
  const root = parameters.get('sslrootcert')
  const mode = parameters.get('sslmode') ?? (root === undefined ? 'disable' : 'prefer')
  if (!SSL_MODES.includes(mode))
    throw new DatabaseAddressError(`has an sslmode that isn't one of ${SSL_MODES.join(', ')}`)
  // The driver can't bind a login to its channel. What that guards against, somebody in between, a verified certificate
  // does, too.
  if (root === 'system' || parameters.get('channel_binding') === 'require') return 'verify-full'
  return mode === 'require' && root !== undefined ? 'verify-ca' : mode
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new DatabaseAddressError(
      `names a file in ${name} that can't be read (${(error as NodeJS.ErrnoException).code})`,
    )
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new DatabaseAddressError('has a % that starts no percent-encoded character')
  }
}

const dropUndefined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
