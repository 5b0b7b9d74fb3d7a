ALTER TABLE "zkpow"."task_quarantines" DROP CONSTRAINT "task_quarantines_pkey";--> statement-breakpoint
ALTER TABLE "zkpow"."task_quarantines" ADD COLUMN "id" bigint PRIMARY KEY NOT NULL GENERATED ALWAYS AS IDENTITY (sequence name "zkpow"."task_quarantines_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1);--> statement-breakpoint
ALTER TABLE "zkpow"."task_quarantines" ADD COLUMN "lifted_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "zkpow"."task_quarantines" ADD COLUMN "lifted_by" text;--> statement-breakpoint
CREATE UNIQUE INDEX "task_quarantines_current_idx" ON "zkpow"."task_quarantines" USING btree ("task_id") WHERE lifted_at is null;