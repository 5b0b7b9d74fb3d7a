import { everyHistoryReplays, everythingExplained } from './explained.ts'
import { checkInvariant, first, last } from './spoilt-facts.ts'

checkInvariant('everythingExplained', everythingExplained, [
  {
    why: 'a posted sequence was overlooked',
    spoil: ({ database }) => database.sequences.pop(),
    says: /have no row/,
  },
  {
    why: 'a sequence is stuck',
    spoil: ({ database }) => Object.assign(first(database.sequences), { outcome: null, phase: 'submit', text: 'x' }),
    says: /stuck in phase submit: x/,
  },
  {
    why: 'it was over when the database was emptied, and has no row since',
    spoil: ({ facts, database }) => {
      const open = database.sequences.map((one) => ({ ...one, outcome: null }))
      facts.databases.unshift({ ...database, sequences: open, readAtMs: 37_000 })
      database.sequences = []
    },
    says: null,
  },
  {
    why: 'it was not verified yet when the database was emptied, and has no row since',
    spoil: ({ facts, database, rollup }) => {
      const open = database.sequences.map((one) => ({ ...one, outcome: null, phase: 'submit', text: 'x' }))
      facts.databases.unshift({ ...database, sequences: open, readAtMs: 37_000 })
      database.sequences = []
      Object.assign(first(rollup.sequences), { isVerified: false })
    },
    says: /stuck in phase submit: x/,
  },
  {
    why: 'a sequence has ended and its workflow runs on',
    spoil: ({ facts }) => Object.assign(last(facts.workflows), { status: 'RUNNING', answer: 'the hash to be mined' }),
    says: /their workflow still runs/,
  },
  {
    why: 'a workflow has failed',
    spoil: ({ facts }) => Object.assign(first(facts.workflows), { status: 'FAILED' }),
    says: /has ended as FAILED/,
  },
  {
    why: 'a workflow answers nothing',
    spoil: ({ facts }) => Object.assign(first(facts.workflows), { answer: null }),
    says: /doesn't answer/,
  },
  {
    why: 'a workflow answers emptily',
    spoil: ({ facts }) => Object.assign(first(facts.workflows), { answer: '' }),
    says: /says nothing/,
  },
  {
    why: 'a workflow still shows what failed',
    spoil: ({ facts }) =>
      Object.assign(first(facts.workflows), { answer: 'Postgres was not reachable (ECONNREFUSED).' }),
    says: /shows a failure although all is well/,
  },
  {
    why: 'a sender still speaks of a transaction that was mined long ago',
    spoil: ({ facts }) => Object.assign(facts.workflows[1] ?? {}, { answer: 'nonce 1: commit r 1-2, sent at block 9' }),
    says: /still waits for nonce 1, mined in block 10/,
  },
  {
    why: 'a workflow task fails over and over',
    spoil: ({ facts }) => first(facts.workflows).failing.push('its workflow task has failed 9 times'),
    says: /is stuck: its workflow task/,
  },
])

checkInvariant('everyHistoryReplays', everyHistoryReplays, [
  {
    why: 'a history can not be replayed',
    spoil: ({ facts }) => Object.assign(facts, { unreplayable: [{ workflowId: 'sequence/r/1-2', why: 'TMPRL1100' }] }),
    says: /the history of workflow sequence\/r\/1-2 can't be replayed: TMPRL1100/,
  },
])
