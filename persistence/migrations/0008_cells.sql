-- Several PostgreSQLs may make one installation: each is a cell, with a number.

-- One row once somebody has opened this database; then it is that cell for ever.
CREATE TABLE cell (
  number smallint NOT NULL CHECK (number BETWEEN 0 AND 63),
  opened_at timestamptz NOT NULL DEFAULT now(),
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one)
);

-- What was in use before there were cells is the first.
INSERT INTO cell (number) SELECT 0 WHERE EXISTS (SELECT FROM member);

-- Each cell has its own range of incarnations; these are the first cell's.
ALTER TABLE member ALTER COLUMN incarnation SET MAXVALUE 33554431;

GRANT SELECT ON cell TO usher_app;
