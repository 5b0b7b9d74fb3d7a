import type { LocalRollup } from '../../../dev/deployment/local-deployment.ts'
import type { RollupContract } from './contract.ts'
import { of2023 } from './of-2023.ts'
import { ours } from './ours.ts'

/** Reads a rollup's contract by the rules that it has. */
export const contractOf = ({ generation }: LocalRollup): RollupContract => (generation === '2023' ? of2023 : ours)
