ALTER TABLE "zkpow"."proof_refusals" ADD COLUMN "is_reported" boolean DEFAULT false NOT NULL;
