-- Commands that crashed their entities, of each node by its name: its next life
-- has them again. One row a node, which holds the last hundred.
CREATE TABLE dead_letters (
  node    text        PRIMARY KEY,
  kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  letters text        NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON dead_letters TO usher_app;
