import { readFile } from 'node:fs/promises'
import { privateKeyToAddress } from 'viem/accounts'
import { isHex } from 'viem/utils'
import type { Address, Hex } from '../../protocol/base/ranges.ts'
import { isSameAddress } from '../../protocol/base/ranges.ts'
import { ConfigSecretError } from '../errors.ts'
import type { AccountSection } from '../schema.ts'
import type { SigningAccount, WatchedAccount } from '../types.ts'
import { keystoreAddress, openKeystore } from './keystore.ts'
import { Secret } from './secret.ts'
import { type ConfigSource, resolvePath, type SecretForm, secretFromEnv, variableOf } from './source.ts'

/** Keystores of tests and of hardware that guards the file itself have an empty one. */
const PASSWORD: SecretForm = { expected: 'a password, which may be empty', isValid: () => true }

/**
 * Takes the key from the environment or a keystore. @throws ConfigSecretError when it is missing, no key, or another
 * account's.
 */
export async function signingAccount(
  source: ConfigSource,
  name: string,
  section: AccountSection,
): Promise<SigningAccount> {
  const { privateKey, path, said } = await readKey(source, name, section)
  const address = addressOf(privateKey)
  if (address === undefined) throw keyError(source, path, 'expected a private key: 0x and 64 hex digits (not shown)')
  const expected = section.address ?? said
  if (expected !== null && !isSameAddress(expected, address)) {
    throw keyError(source, path, `expected the key of ${expected}, got that of ${address}`)
  }
  return { name, address, privateKey }
}

/**
 * Gives the account without its key. The address is the one in the configuration, else that of the key if the
 * environment holds it anyway, or the one that a keystore tells without its password.
 */
export async function watchedAccount(
  source: ConfigSource,
  name: string,
  section: AccountSection,
): Promise<WatchedAccount> {
  const { privateKeyEnv, keystoreFile, address } = section
  if (address !== undefined) return { name, address }
  const key = privateKeyEnv === undefined ? undefined : variableOf(source.env, privateKeyEnv)
  if (key !== undefined) return { name, address: addressOf(new Secret(key)) ?? null }
  if (keystoreFile === undefined) return { name, address: null }
  // An operator's machine needn't have it.
  const json = await readFile(resolvePath(source, keystoreFile), 'utf8').catch(() => '')
  return { name, address: keystoreAddress(json) }
}

interface ReadKey {
  privateKey: Secret
  /** Of the setting that names it. */
  path: string
  /** Whose key it is by what stands beside it. */
  said: Address | null
}

async function readKey(source: ConfigSource, name: string, section: AccountSection): Promise<ReadKey> {
  const { privateKeyEnv, keystoreFile = '', passwordEnv = '' } = section
  if (privateKeyEnv !== undefined) {
    const path = `accounts.${name}.privateKeyEnv`
    return { privateKey: secretFromEnv(source, path, privateKeyEnv), path, said: null }
  }
  const path = `accounts.${name}.keystoreFile`
  const file = resolvePath(source, keystoreFile)
  const json = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw keyError(source, path, `expected a readable keystore, got none at ${file}`, cause)
  })
  const opened = openKeystore(json, secretFromEnv(source, `accounts.${name}.passwordEnv`, passwordEnv, PASSWORD))
  if (opened.status === 'open') return { privateKey: opened.privateKey, path, said: keystoreAddress(json) }
  if (opened.status === 'wrong-password')
    throw keyError(source, path, `expected ${passwordEnv} to open ${file}, but it is not its password`)
  throw keyError(source, path, `expected a version 3 keystore (geth, cast wallet, ethers) at ${file}: ${opened.why}`)
}

function addressOf(privateKey: Secret): Address | undefined {
  const key = privateKey.reveal()
  if (!isHex(key) || key.length !== 66) return undefined
  try {
    return privateKeyToAddress(key satisfies Hex)
  } catch {
    return undefined // it is 0, or not below the curve's order
  }
}

const keyError = ({ file }: ConfigSource, path: string, what: string, cause?: unknown): ConfigSecretError =>
  new ConfigSecretError({
    file,
    path,
    what,
    remedy: "put the account's own key there, or correct the account in the file.",
    cause,
  })
