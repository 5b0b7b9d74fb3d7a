-- Uploads hold their bytes themselves: a prover's open insert into "blobs" kept the aggregator waiting that stored the same bytes, such as the
-- next batch's input, which everybody can make.
ALTER TABLE "zkpow"."proof_uploads" DROP CONSTRAINT "proof_uploads_sha256_blobs_sha256_fk";
--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD COLUMN "size" bigint;--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD COLUMN "bytes" "bytea";--> statement-breakpoint
UPDATE "zkpow"."proof_uploads" u SET "size" = b."size", "bytes" = b."bytes" FROM "zkpow"."blobs" b WHERE b."sha256" = u."sha256";--> statement-breakpoint
UPDATE "zkpow"."proof_uploads" SET "bytes" = NULL WHERE "task_id" IN (SELECT "task_id" FROM "zkpow"."proofs");--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ALTER COLUMN "size" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "proof_uploads_open_idx" ON "zkpow"."proof_uploads" USING btree ("login") WHERE bytes is not null;--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" DROP CONSTRAINT "proof_uploads_pkey";
--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD CONSTRAINT "proof_uploads_pkey" PRIMARY KEY("task_id","sha256","login");--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD CONSTRAINT "proof_uploads_address_is_hash" CHECK (sha256 = '0x' || encode(sha256(bytes), 'hex'));--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD CONSTRAINT "proof_uploads_size_is_length" CHECK (size = octet_length(bytes));--> statement-breakpoint
REVOKE INSERT ("sha256", "size", "bytes") ON "zkpow"."blobs" FROM zkpow_prover;--> statement-breakpoint
GRANT INSERT ("size", "bytes") ON "zkpow"."proof_uploads" TO zkpow_prover;--> statement-breakpoint
DROP POLICY "blobs_prover_size" ON "zkpow"."blobs";--> statement-breakpoint
DROP POLICY "blobs_anyone" ON "zkpow"."blobs";--> statement-breakpoint
ALTER TABLE "zkpow"."blobs" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
-- What a login has open may be 1 GiB (OPEN_BYTES_LIMIT in db/uploads.ts); a row counts for 64 KiB at least, for
-- what it takes besides and because they are counted with every upload. Transactions that aren't committed
-- don't see each other, so at worst each of its connections gets that much.
CREATE FUNCTION "zkpow"."has_room_for"(more bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (SELECT coalesce(sum(greatest(size, 65536)), 0) + more > 1073741824 FROM zkpow.proof_uploads WHERE login = session_user AND bytes IS NOT NULL) THEN
    RAISE EXCEPTION 'the open uploads of this login take 1 GiB already' USING ERRCODE = 'configuration_limit_exceeded';
  END IF;
  RETURN true;
END $$;
--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "proof_uploads_anyone" ON "zkpow"."proof_uploads" USING (true) WITH CHECK (true);--> statement-breakpoint
-- A proof is 1 MB at most. A restrictive policy is added to all others, so the first one says that others are free.
CREATE POLICY "proof_uploads_prover" ON "zkpow"."proof_uploads" AS RESTRICTIVE FOR INSERT TO zkpow_prover
  WITH CHECK ("bytes" IS NOT NULL AND "size" <= 4194304 AND "zkpow"."has_room_for"("size"));
