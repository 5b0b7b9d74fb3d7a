import { readFile } from 'node:fs/promises'
import type { TemporalConfig } from './types.ts'

/** What the connections of clients and workers take alike. */
export interface TemporalConnectionOptions {
  address: string
  apiKey?: string
  tls?: { serverNameOverride?: string; serverRootCACertificate?: Buffer; clientCertPair?: { crt: Buffer; key: Buffer } }
}

/** Reads the certificates that the configuration names. Holds secrets: for connecting only. @throws when a file can't be read. */
export async function temporalConnectionOptions({ address, apiKey, tls }: TemporalConfig): Promise<TemporalConnectionOptions> {
  return {
    address,
    ...(apiKey === null ? {} : { apiKey: apiKey.reveal() }),
    // An API key must not travel in the clear.
    ...(tls === null && apiKey === null ? {} : { tls: tls === null ? {} : await tlsOptions(tls) }),
  }
}

async function tlsOptions({ serverName, caFile, certFile, keyFile }: NonNullable<TemporalConfig['tls']>) {
  return {
    ...(serverName === null ? {} : { serverNameOverride: serverName }),
    ...(caFile === null ? {} : { serverRootCACertificate: await readFile(caFile) }),
    ...(certFile === null || keyFile === null ? {} : { clientCertPair: { crt: await readFile(certFile), key: await readFile(keyFile) } }),
  }
}
