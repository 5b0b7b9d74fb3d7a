/** Words of the accounts that are funded on local chains: anvil's own well-known ones, worth nothing anywhere else. */
export const MNEMONIC = 'test test test test test test test test test test test junk'
