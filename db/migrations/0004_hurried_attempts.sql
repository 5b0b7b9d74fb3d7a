ALTER TABLE "zkpow"."attempts" ADD COLUMN "hurried_by" text;--> statement-breakpoint
ALTER TABLE "zkpow"."attempts" ADD COLUMN "hurried_why" text;--> statement-breakpoint
ALTER TABLE "zkpow"."attempts" ADD CONSTRAINT "attempts_hurried_whole" CHECK ((hurried_by is null) = (hurried_why is null));