-- The role of prover machines (issue: "Prover workers hold no keys"). Logins get it by createProverLogin in db/roles.ts.
-- Roles belong to the whole cluster: another database of it may have made this one, even in this moment. Whoever may not create roles
-- has an administrator run `CREATE ROLE zkpow_prover NOLOGIN` first.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'zkpow_prover') THEN
    CREATE ROLE zkpow_prover NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA "zkpow" TO zkpow_prover;
--> statement-breakpoint
-- Inputs and child proofs are read by hash. Columns that have a default are Postgres' to fill: time, and who is logged in.
GRANT SELECT, INSERT ("sha256", "size", "bytes") ON "zkpow"."blobs" TO zkpow_prover;
--> statement-breakpoint
GRANT INSERT ("task_id", "sha256", "prover", "duration_ms", "peak_memory_bytes") ON "zkpow"."proof_uploads" TO zkpow_prover;
--> statement-breakpoint
-- A prover may ask whether the database is of its version.
GRANT USAGE ON SCHEMA "zkpow_migrations" TO zkpow_prover;
--> statement-breakpoint
GRANT SELECT ON "zkpow_migrations"."applied" TO zkpow_prover;
--> statement-breakpoint
-- A proof is 1 MB at most; snapshots, which only the aggregator writes, may be bigger. A restrictive policy is added to all others, so
-- the first one says that others are free.
ALTER TABLE "zkpow"."blobs" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY "blobs_anyone" ON "zkpow"."blobs" USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY "blobs_prover_size" ON "zkpow"."blobs" AS RESTRICTIVE FOR INSERT TO zkpow_prover WITH CHECK ("size" <= 4194304);
