-- What the nodes of this cell last saw of another: who lives there and owns
-- what. For those of them that begin while that cell cannot be asked.
CREATE TABLE other_cell (
  number  smallint    PRIMARY KEY CHECK (number BETWEEN 0 AND 63),
  seen_at timestamptz NOT NULL, -- by the clock of its own database
  seen    jsonb       NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON other_cell TO usher_app;
