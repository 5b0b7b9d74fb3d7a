import { word } from './healthy-facts.ts'
import { proofsKept } from './proofs.ts'
import { checkInvariant, first, last } from './spoilt-facts.ts'

checkInvariant('proofsKept', proofsKept, [
  {
    why: 'the archive lost a final proof',
    spoil: ({ facts }) => Object.assign(first(facts.archive), { isWhole: false }),
    says: /lost from the archive/,
  },
  {
    why: 'the database lost a final proof',
    spoil: ({ database }) => Object.assign(last(database.proofs), { isWhole: false }),
    says: /lost from the database/,
  },
  {
    why: 'no store has the proof that our hash promises',
    spoil: ({ rollup }) => Object.assign(first(rollup.commits), { proofHash: word(99) }),
    says: /the proof behind our hash of batches 1-2 of r is lost/,
  },
  {
    why: 'the hash was signed before the proof was in the archive',
    spoil: ({ facts }) => Object.assign(first(facts.archive), { savedAtMs: 1_100 }),
    says: /signed before its proof was in the archive/,
  },
  {
    why: 'the hash was signed before the proof was verified',
    spoil: ({ database }) => Object.assign(last(database.proofs), { verifiedAtMs: 1_100 }),
    says: /signed before its proof was verified/,
  },
  {
    why: 'a proof is noted as verified that the contract refuses',
    spoil: ({ database }) => Object.assign(last(database.proofs), { isAccepted: false }),
    says: /the contract's verifier refuses it/,
  },
  {
    why: 'a finished proof was never stored',
    spoil: ({ database }) => {
      database.uploads = database.uploads.slice(1)
    },
    says: /was finished by p and is lost/,
  },
  {
    why: 'a prover was killed before it could store its proof',
    spoil: ({ facts, database }) => {
      database.uploads = database.uploads.slice(1)
      Object.assign(first(facts.made), { livedOn: false })
    },
    says: null,
  },
  {
    why: 'a finished proof was dropped because others had proved the sequence',
    spoil: ({ database }) => {
      database.uploads = database.uploads.slice(1)
      Object.assign(first(database.sequences), { outcome: 'proved-by-others' })
    },
    says: null,
  },
  {
    why: 'an uploaded proof was never looked at',
    spoil: ({ database }) => {
      database.proofs = database.proofs.slice(1)
    },
    says: /uploaded by p and never used/,
  },
  {
    why: 'an uploaded proof was of data that a reorg replaced',
    spoil: ({ facts, database }) => {
      database.proofs = database.proofs.slice(1)
      facts.disturbances = [
        { takes: 'posted-data', rollup: 'r', fromBatch: 1, atMs: 2_000, fromBlock: 12, toBlock: 20 },
      ]
    },
    says: null,
  },
  {
    why: 'a task was begun again although its proof was uploaded',
    spoil: ({ facts }) => facts.made.push({ ...first(facts.made), atMs: 39_500, beganAtMs: 39_000 }),
    says: /was made twice/,
  },
  {
    why: 'a refused upload is made again',
    spoil: ({ facts, database }) => {
      Object.assign(first(database.uploads), { isRefused: true })
      database.proofs = database.proofs.slice(1)
      facts.made.push({ ...first(facts.made), atMs: 39_500, beganAtMs: 39_000 })
    },
    says: null,
  },
  {
    why: 'a task was begun again when its proof had just been verified',
    spoil: ({ facts }) => facts.made.push({ ...first(facts.made), atMs: 7_500, beganAtMs: 7_000 }),
    says: /was made twice/,
  },
  {
    why: 'a task was taken from the queue at the moment at which its proof was verified',
    spoil: ({ facts }) => facts.made.push({ ...first(facts.made), atMs: 3_500, beganAtMs: 3_000 }),
    says: null,
  },
  {
    why: 'nobody had looked at the upload yet when the task was begun again',
    spoil: ({ facts, database }) => {
      first(database.proofs).verifiedAtMs = 60_000
      facts.made.push({ ...first(facts.made), atMs: 7_500, beganAtMs: 7_000 })
    },
    says: null,
  },
  {
    why: 'what the emptied database had is made again',
    spoil: ({ facts, database }) => {
      facts.made.push({ ...first(facts.made), atMs: 39_500, beganAtMs: 39_000 })
      facts.databases.unshift({ ...database, readAtMs: 37_000 })
      database.uploads = database.uploads.map((one) => ({ ...one, uploadedAtMs: 39_600 }))
    },
    says: null,
  },
  {
    why: 'an archived final proof is made again after the database was emptied',
    spoil: ({ facts, database }) => {
      facts.made.push({ ...last(facts.made), atMs: 39_500, beganAtMs: 39_000 })
      facts.databases.unshift({ ...database, readAtMs: 37_000 })
      database.uploads = database.uploads.map((one) => ({ ...one, uploadedAtMs: 39_600 }))
    },
    says: /was made twice/,
  },
])
