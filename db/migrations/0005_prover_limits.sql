-- By default everybody who has a login of the cluster may connect to this database and make temporary tables in it, whatever their size.
DO $$ BEGIN
  EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO zkpow_prover', current_database());
END $$;
--> statement-breakpoint
-- So with large objects, 4 TB each. The functions that make them are the superuser's: for another owner of the database this does nothing,
-- and `zkpow prover-login` says so.
DO $$ BEGIN
  REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
