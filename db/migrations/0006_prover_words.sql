-- Rows of before: what a prover said of a proof decides nothing, but kept the proof out of the archive. As `proverWords` has it.
UPDATE "zkpow"."proofs" SET
  "prover" = left(regexp_replace("prover", '[[:cntrl:]]+', ' ', 'g'), 200),
  "duration_ms" = CASE WHEN "duration_ms" BETWEEN 0 AND 9007199254740991 THEN "duration_ms" ELSE 0 END,
  "peak_memory_bytes" = CASE WHEN "peak_memory_bytes" BETWEEN 0 AND 9007199254740991 THEN "peak_memory_bytes" ELSE 0 END;
--> statement-breakpoint
UPDATE "zkpow"."proof_uploads" SET
  "duration_ms" = CASE WHEN "duration_ms" BETWEEN 0 AND 9007199254740991 THEN "duration_ms" ELSE 0 END,
  "peak_memory_bytes" = CASE WHEN "peak_memory_bytes" BETWEEN 0 AND 9007199254740991 THEN "peak_memory_bytes" ELSE 0 END;
--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" DROP CONSTRAINT "proof_uploads_bounded";--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD CONSTRAINT "proof_uploads_words" CHECK (length(prover) <= 200
  and duration_ms between 0 and 9007199254740991 and peak_memory_bytes between 0 and 9007199254740991);--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD CONSTRAINT "proof_uploads_bounded" CHECK (length(task_id) <= 66);--> statement-breakpoint
ALTER TABLE "zkpow"."proofs" ADD CONSTRAINT "proofs_words" CHECK (length(prover) <= 200
  and duration_ms between 0 and 9007199254740991 and peak_memory_bytes between 0 and 9007199254740991);
