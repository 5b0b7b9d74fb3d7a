import { pgSchema } from 'drizzle-orm/pg-core'

/** Everything of ours in one schema, so that the database may be shared. */
export const zkpow = pgSchema('zkpow')
