CREATE SCHEMA "zkpow";
--> statement-breakpoint
CREATE TABLE "zkpow"."attempts" (
	"chain_id" bigint NOT NULL,
	"account" text NOT NULL,
	"nonce" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"tx_hash" text NOT NULL,
	"raw" "bytea" NOT NULL,
	"max_fee_per_gas" numeric(78, 0) NOT NULL,
	"max_priority_fee_per_gas" numeric(78, 0) NOT NULL,
	"rollup" text,
	"contract" text,
	"step" text,
	"first_block" bigint,
	"last_block" bigint,
	"from_batch" bigint,
	"to_batch" bigint,
	"acc_input_hash" text,
	"final_proof_sha256" text,
	"final_proof_size" bigint,
	"proof_hash" text,
	"stake_to_wei" numeric(78, 0),
	"stored_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"broadcast_at" timestamp(3) with time zone,
	"sent_at_block" bigint,
	"outcome" text,
	"mined_block" bigint,
	"block_hash" text,
	"gas_used" bigint,
	"effective_gas_price" numeric(78, 0),
	"status" text,
	"is_final" boolean DEFAULT false NOT NULL,
	CONSTRAINT "attempts_pkey" PRIMARY KEY("chain_id","account","nonce","attempt"),
	CONSTRAINT "attempts_tx_hash_key" UNIQUE("tx_hash"),
	CONSTRAINT "attempts_mined_whole" CHECK ((outcome is not distinct from 'mined') = (num_nulls(mined_block, block_hash, gas_used, effective_gas_price, status) = 0)),
	CONSTRAINT "attempts_purpose_whole" CHECK (num_nulls(rollup, contract, step, first_block) in (0, 4)),
	CONSTRAINT "attempts_stake_whole" CHECK ((step is not distinct from 'stake') = (stake_to_wei is not null)),
	CONSTRAINT "attempts_sequence_whole" CHECK (num_nulls(from_batch, to_batch, acc_input_hash) = case when step is null or step = 'stake' then 3 else 0 end),
	CONSTRAINT "attempts_final_proof_whole" CHECK (num_nulls(final_proof_sha256, final_proof_size, proof_hash) in (0, 3))
);
--> statement-breakpoint
CREATE TABLE "zkpow"."batches" (
	"rollup" text NOT NULL,
	"acc_input_hash" text NOT NULL,
	"batch_num" bigint NOT NULL,
	"old_acc_input_hash" text NOT NULL,
	"old_state_root" text NOT NULL,
	"new_state_root" text NOT NULL,
	"chain_id" text NOT NULL,
	"fork_id" text NOT NULL,
	"input_sha256" text NOT NULL,
	"input_size" bigint NOT NULL,
	CONSTRAINT "batches_pkey" PRIMARY KEY("rollup","acc_input_hash"),
	CONSTRAINT "batches_after_genesis" CHECK (batch_num >= 1)
);
--> statement-breakpoint
CREATE TABLE "zkpow"."blobs" (
	"sha256" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"bytes" "bytea" NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blobs_address_is_hash" CHECK (sha256 = '0x' || encode(sha256(bytes), 'hex')),
	CONSTRAINT "blobs_size_is_length" CHECK (size = octet_length(bytes))
);
--> statement-breakpoint
CREATE TABLE "zkpow"."deployments" (
	"rollup" text PRIMARY KEY NOT NULL,
	"chain_id" bigint NOT NULL,
	"contract" text NOT NULL,
	CONSTRAINT "deployments_contract_key" UNIQUE("chain_id","contract")
);
--> statement-breakpoint
CREATE TABLE "zkpow"."holds" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "zkpow"."holds_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"rollup" text NOT NULL,
	"from_batch" bigint,
	"to_batch" bigint,
	"hold" text NOT NULL,
	"reason" text NOT NULL,
	"who" text NOT NULL,
	"held_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"lifted_at" timestamp(3) with time zone,
	"lifted_by" text,
	CONSTRAINT "holds_range_or_rollup" CHECK ((from_batch is null) = (to_batch is null)),
	CONSTRAINT "holds_kind" CHECK (hold in ('paused', 'cancelled', 'quarantined'))
);
--> statement-breakpoint
CREATE TABLE "zkpow"."proof_refusals" (
	"task_id" text NOT NULL,
	"prover" text NOT NULL,
	"sha256" text NOT NULL,
	"reason" text NOT NULL,
	"refused_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"forgiven_at" timestamp(3) with time zone,
	CONSTRAINT "proof_refusals_pkey" PRIMARY KEY("task_id","prover","sha256")
);
--> statement-breakpoint
CREATE TABLE "zkpow"."proof_uploads" (
	"task_id" text NOT NULL,
	"sha256" text NOT NULL,
	"prover" text NOT NULL,
	"duration_ms" bigint NOT NULL,
	"peak_memory_bytes" bigint NOT NULL,
	"login" text DEFAULT session_user NOT NULL,
	"uploaded_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "proof_uploads_pkey" PRIMARY KEY("task_id","sha256"),
	CONSTRAINT "proof_uploads_bounded" CHECK (length(task_id) <= 66 and length(prover) <= 200)
);
--> statement-breakpoint
CREATE TABLE "zkpow"."proofs" (
	"task_id" text PRIMARY KEY NOT NULL,
	"rollup" text NOT NULL,
	"stage" text NOT NULL,
	"from_batch" bigint NOT NULL,
	"to_batch" bigint NOT NULL,
	"acc_input_hash" text NOT NULL,
	"verification_key_hash" text NOT NULL,
	"miner" text,
	"sha256" text NOT NULL,
	"size" bigint NOT NULL,
	"prover" text NOT NULL,
	"duration_ms" bigint NOT NULL,
	"peak_memory_bytes" bigint NOT NULL,
	"verified_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "proofs_range" CHECK (1 <= from_batch and from_batch <= to_batch)
);
--> statement-breakpoint
CREATE TABLE "zkpow"."rollup_floors" (
	"rollup" text PRIMARY KEY NOT NULL,
	"floor_batch" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "zkpow"."sequences" (
	"rollup" text NOT NULL,
	"from_batch" bigint NOT NULL,
	"to_batch" bigint NOT NULL,
	"acc_input_hash" text NOT NULL,
	"sequenced_at_block" bigint,
	"phase" text NOT NULL,
	"text" text NOT NULL,
	"outcome" text,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sequences_pkey" PRIMARY KEY("rollup","to_batch","acc_input_hash"),
	CONSTRAINT "sequences_range" CHECK (1 <= from_batch and from_batch <= to_batch)
);
--> statement-breakpoint
CREATE TABLE "zkpow"."snapshots" (
	"rollup" text NOT NULL,
	"acc_input_hash" text NOT NULL,
	"batch_num" bigint NOT NULL,
	"state_root" text NOT NULL,
	"sha256" text NOT NULL,
	"size" bigint NOT NULL,
	CONSTRAINT "snapshots_pkey" PRIMARY KEY("rollup","acc_input_hash")
);
--> statement-breakpoint
CREATE TABLE "zkpow"."task_quarantines" (
	"task_id" text PRIMARY KEY NOT NULL,
	"rollup" text NOT NULL,
	"stage" text NOT NULL,
	"from_batch" bigint NOT NULL,
	"to_batch" bigint NOT NULL,
	"reason" text NOT NULL,
	"quarantined_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "zkpow"."batches" ADD CONSTRAINT "batches_input_sha256_blobs_sha256_fk" FOREIGN KEY ("input_sha256") REFERENCES "zkpow"."blobs"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "zkpow"."proof_uploads" ADD CONSTRAINT "proof_uploads_sha256_blobs_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "zkpow"."blobs"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "zkpow"."proofs" ADD CONSTRAINT "proofs_sha256_blobs_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "zkpow"."blobs"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "zkpow"."snapshots" ADD CONSTRAINT "snapshots_sha256_blobs_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "zkpow"."blobs"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attempts_unfinal_idx" ON "zkpow"."attempts" USING btree ("chain_id","account") WHERE not is_final;--> statement-breakpoint
CREATE INDEX "attempts_sequence_idx" ON "zkpow"."attempts" USING btree ("rollup","from_batch","to_batch");--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_mined_idx" ON "zkpow"."attempts" USING btree ("chain_id","account","nonce") WHERE outcome = 'mined';--> statement-breakpoint
CREATE UNIQUE INDEX "holds_current_idx" ON "zkpow"."holds" USING btree ("rollup",coalesce(from_batch, -1),coalesce(to_batch, -1),"hold") WHERE lifted_at is null;--> statement-breakpoint
CREATE INDEX "proofs_of_data_idx" ON "zkpow"."proofs" USING btree ("rollup","acc_input_hash");--> statement-breakpoint
CREATE INDEX "proofs_final_idx" ON "zkpow"."proofs" USING btree ("rollup","to_batch") WHERE stage = 'final';--> statement-breakpoint
CREATE INDEX "sequences_running_idx" ON "zkpow"."sequences" USING btree ("rollup","to_batch") WHERE outcome is null;--> statement-breakpoint
CREATE INDEX "task_quarantines_rollup_idx" ON "zkpow"."task_quarantines" USING btree ("rollup","from_batch");