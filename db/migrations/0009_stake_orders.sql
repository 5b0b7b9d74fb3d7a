CREATE TABLE "zkpow"."stake_orders" (
	"rollup" text PRIMARY KEY NOT NULL,
	"to_wei" numeric(78, 0) NOT NULL,
	"who" text NOT NULL,
	"ordered_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stake_orders_amount" CHECK (to_wei >= 0)
);
