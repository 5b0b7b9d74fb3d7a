import { expect, test } from 'vitest'
import { endsProving } from '../../../protocol/sequence/look.ts'
import { owesProof } from '../../../protocol/sequence/next-step.ts'
import { OWN, ROUND, VERIFIED_ROUND, view } from './views.ts'

type Change = Parameters<typeof view>[0]

test.each<{ change: Change; ends: boolean; why: string }>([
  { change: {}, ends: false, why: 'what is open may earn' },
  { change: { holds: { paused: 'by ann' } }, ends: false, why: 'what a pause meets is finished' },
  { change: { holds: { cancelled: 'by ann' } }, ends: true, why: 'a cancelled one won’t be committed to' },
  { change: { holds: { quarantined: 'it can’t be decoded' } }, ends: true, why: 'nor a quarantined one' },
  { change: { holds: { cancelled: 'by ann' }, unfinalCommit: true }, ends: false, why: 'our hash may yet land' },
  { change: { atHead: { isVerified: true } }, ends: true, why: 'others have verified it, and we have no hash' },
  {
    change: { atHead: { isVerified: true, round: VERIFIED_ROUND, own: OWN } },
    ends: false,
    why: 'a late proof of our hash earns',
  },
  {
    change: { atHead: { isVerified: true, round: { ...VERIFIED_ROUND, lateProofDeadlineBlock: 120 }, own: OWN } },
    ends: true,
    why: 'the late deadline is over',
  },
  {
    change: { atHead: { isVerified: true, round: VERIFIED_ROUND, own: { ...OWN, isProved: true } } },
    ends: true,
    why: 'ours is accepted',
  },
  { change: { atHead: { accInputHash: '0xbad' } }, ends: true, why: 'other data are posted' },
  { change: { atHead: { accInputHash: '0xbad', round: ROUND, own: OWN } }, ends: true, why: 'whatever hash is out' },
  { change: { atHead: { accInputHash: null } }, ends: false, why: 'what a reorg took away may come back' },
])('$ends: $why', ({ change, ends }) => {
  const seen = view({ head: 120, ...change })
  expect(endsProving({ view: seen, owesProof: owesProof(seen) }, view().expectedAccInputHash)).toBe(ends)
})
