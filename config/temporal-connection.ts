import { readFile } from 'node:fs/promises'
import { TlsFileError } from './errors.ts'
import type { TemporalConfig } from './types.ts'

/** What the connections of clients and workers take alike. */
export interface TemporalConnectionOptions {
  address: string
  apiKey?: string
  tls?: { serverNameOverride?: string; serverRootCACertificate?: Buffer; clientCertPair?: { crt: Buffer; key: Buffer } }
}

/**
 * Reads the certificates that the configuration names. They hold secrets, so they are for connecting only. @throws
 * TlsFileError
 */
export async function temporalConnectionOptions({
  address,
  apiKey,
  tls,
}: TemporalConfig): Promise<TemporalConnectionOptions> {
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
    ...(caFile === null ? {} : { serverRootCACertificate: await read(caFile) }),
    ...(certFile === null || keyFile === null
      ? {}
      : { clientCertPair: { crt: await read(certFile), key: await read(keyFile) } }),
  }
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new TlsFileError(file, cause)
  }
}
