-- The daemon connects as usher_app: no DDL, and what is journaled stays.
-- Roles belong to the whole server; another database may have made this one.
-- Looked for first: an owner that may not create roles needs only that it is there.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_app') THEN
    CREATE ROLE usher_app LOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
  EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC',
                 current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO usher_app;

GRANT SELECT ON schema_migration TO usher_app;
GRANT SELECT, INSERT, UPDATE ON member TO usher_app;
GRANT SELECT, UPDATE ON shard TO usher_app;
GRANT SELECT, INSERT ON journal TO usher_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON alarm TO usher_app;
GRANT SELECT, INSERT, UPDATE ON snapshot TO usher_app;
