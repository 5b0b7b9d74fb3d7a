import { whyNoGeth } from '../../../dev/stack/nodes/geth-cache.ts'

const reason = await whyNoGeth()
if (reason !== undefined) console.warn(`Tests on geth are left out: ${reason}.`)

/** Whether tests on geth run on this machine: to be asked with `test.runIf`. Where they don't, a line has said why. */
export const hasGeth = reason === undefined
