-- What people did by hand: one row before it is done, and one with what came
-- of it. Nobody may change it afterwards.
CREATE TABLE audit (
  number   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  intent   bigint      REFERENCES audit, -- of which row this is the outcome
  node     text        NOT NULL,         -- who did it
  visitor  text        NOT NULL,         -- as its certificate is named
  person   text        NOT NULL,         -- as the command line said; not proven
  act      text        NOT NULL,
  words    text[]      NOT NULL,
  outcome  text                          -- null: not done yet
);

GRANT SELECT, INSERT ON audit TO usher_app;
