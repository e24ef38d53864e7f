-- What an installation cannot lose: who writes, where, and what was decided.

-- One row for each life of a node. Every batch of the journal updates the row
-- of its writer, which is the fence; fillfactor 10 gives each row most of a page
-- of its own, so that these updates stay heap-only.
CREATE TABLE member (
  incarnation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  address     text        NOT NULL,
  alive       boolean     NOT NULL DEFAULT true,
  joined_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  ttl         interval    NOT NULL,
  lease_until timestamptz NOT NULL,
  journaled   bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

CREATE TABLE shard (
  shard smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 255),
  epoch int      NOT NULL DEFAULT 0,
  owner bigint -- an incarnation; null = free
) WITH (fillfactor = 50);

INSERT INTO shard (shard) SELECT generate_series(0, 255);

-- Append only. The order of the columns leaves no padding. Both indexes are
-- unique: a second writer of a shard or of an entity cannot slip in even if
-- every fence were broken.
CREATE TABLE journal (
  lsn     bigint      NOT NULL,
  at      timestamptz NOT NULL,
  epoch   int         NOT NULL,
  version int         NOT NULL,
  shard   smallint    NOT NULL,
  kind    smallint    NOT NULL,
  entity  uuid        NOT NULL,
  facts   text        NOT NULL,
  request text
);

CREATE UNIQUE INDEX journal_by_shard ON journal (shard, lsn);
CREATE UNIQUE INDEX journal_by_entity ON journal (entity, kind, version);

CREATE TABLE alarm (
  entity uuid        NOT NULL,
  due    timestamptz NOT NULL,
  kind   smallint    NOT NULL,
  shard  smallint    NOT NULL,
  PRIMARY KEY (entity, kind)
);

CREATE INDEX alarm_by_due ON alarm (due);

CREATE TABLE snapshot (
  entity  uuid     NOT NULL,
  version int      NOT NULL,
  kind    smallint NOT NULL,
  state   text     NOT NULL,
  PRIMARY KEY (entity, kind)
);
