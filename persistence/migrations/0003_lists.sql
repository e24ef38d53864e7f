-- What lists show: a fold of the journal that may be thrown away and made
-- again. Ids are UUIDv7 and a ticket's id has the time of its session, so the
-- id is also the order in time and the key of a page. No foreign keys: each row
-- is written by the facts of one entity alone.

CREATE TABLE event_list (
  id             uuid        PRIMARY KEY,
  organization   uuid        NOT NULL,
  owner          uuid        NOT NULL,
  starts_at      timestamptz NOT NULL,
  sale_starts_at timestamptz NOT NULL,
  sale_ends_at   timestamptz NOT NULL,
  created_at     timestamptz NOT NULL,
  sections       int         NOT NULL,
  is_public      boolean     NOT NULL, -- was published at some time
  phase          text        NOT NULL,
  exhausted      text[]      NOT NULL, -- sections that have nothing to sell
  title          text        NOT NULL,
  venue          text        NOT NULL,
  artist_name    text        NOT NULL,
  category       text        NOT NULL,
  search         text        NOT NULL, -- what a search looks at, in lower case
  document       text        NOT NULL  -- the list item without what changes
);

CREATE INDEX event_list_public ON event_list (starts_at, id) WHERE is_public;
CREATE INDEX event_list_of ON event_list (organization, starts_at, id);

CREATE TABLE layout_list (
  id         uuid        PRIMARY KEY,
  owner      uuid        NOT NULL,
  capacity   bigint      NOT NULL,
  sections   int         NOT NULL,
  created_at timestamptz NOT NULL,
  name       text        NOT NULL
);

CREATE TABLE membership_list (
  organization uuid NOT NULL,
  account      uuid NOT NULL,
  role         text NOT NULL,
  PRIMARY KEY (account, organization)
);

-- Orders and payments change soon after they appear. No index has a column that
-- changes, and the room in their pages keeps these updates heap-only.
CREATE TABLE order_list (
  id           uuid        PRIMARY KEY, -- of the booking session
  event        uuid        NOT NULL,
  buyer        uuid        NOT NULL,
  payment      uuid        NOT NULL,    -- the newest
  amount       bigint      NOT NULL,
  created_at   timestamptz NOT NULL,
  completed_at timestamptz,
  status       text        NOT NULL,
  currency     text        NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX order_list_of_buyer ON order_list (buyer, id);
CREATE INDEX order_list_of_event ON order_list (event, id);

CREATE TABLE payment_list (
  id           uuid        PRIMARY KEY,
  session      uuid        NOT NULL,
  event        uuid        NOT NULL,
  payer        uuid        NOT NULL,
  amount       bigint      NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  completed_at timestamptz,
  status       text        NOT NULL,
  currency     text        NOT NULL,
  method       text        NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX payment_list_of_payer ON payment_list (payer, id);
CREATE INDEX payment_list_of_event ON payment_list (event, id);

-- The number is 60 mixed bits of the id. It has no unique index: two alike
-- would stop the projection for ever, where nothing is gained by it.
CREATE TABLE ticket_list (
  id          uuid        PRIMARY KEY,
  session     uuid        NOT NULL,
  event       uuid        NOT NULL,
  buyer       uuid        NOT NULL,
  ticket_type uuid        NOT NULL,
  price       bigint      NOT NULL,
  issued_at   timestamptz NOT NULL,
  number      text        NOT NULL,
  seat        text        NOT NULL,
  section     text        NOT NULL,
  currency    text        NOT NULL,
  status      text        NOT NULL
);

CREATE INDEX ticket_list_of_buyer ON ticket_list (buyer, id);
CREATE INDEX ticket_list_of_event ON ticket_list (event, id);

-- How far each shard's journal is in the lists above. Written in the same
-- statement as they are: its lsn is the fence against doing a thing twice.
CREATE TABLE projection_checkpoint (
  lsn        bigint   NOT NULL,
  shard      smallint NOT NULL,
  projection text     NOT NULL,
  PRIMARY KEY (projection, shard)
) WITH (fillfactor = 20);

GRANT SELECT, INSERT, UPDATE, DELETE ON event_list, layout_list,
  membership_list, order_list, payment_list, ticket_list, projection_checkpoint
  TO usher_app;
