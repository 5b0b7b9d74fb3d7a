CREATE TABLE "zkpow"."replays" (
	"rollup" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"from_batch" bigint NOT NULL,
	"to_batch" bigint NOT NULL,
	"batch_num" bigint NOT NULL,
	"started_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL
);
