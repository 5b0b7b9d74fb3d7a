-- To prove is to send the transaction that shows a proof; while proofs are being made a sequence's phase is proving.
UPDATE "zkpow"."sequences" SET "phase" = 'proving' WHERE "phase" = 'prove';
