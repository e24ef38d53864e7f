-- Several nodes: what they say of themselves when they enter, and what an
-- operator wants of them.

-- What was called an address was the node's name.
ALTER TABLE member RENAME COLUMN address TO name;

ALTER TABLE member
  ADD COLUMN cluster_address text   NOT NULL DEFAULT '',
  ADD COLUMN http_address    text   NOT NULL DEFAULT '',
  ADD COLUMN roles           text[] NOT NULL DEFAULT '{front,worker}'
    CHECK (roles <@ '{front,worker}'),
  ADD COLUMN weight          float8 NOT NULL DEFAULT 1 CHECK (weight >= 0),
  ADD COLUMN state           text   NOT NULL DEFAULT 'serving'
    CHECK (state IN ('serving', 'draining')),
  ADD COLUMN protocol_low    int    NOT NULL DEFAULT 1,
  ADD COLUMN protocol_high   int    NOT NULL DEFAULT 1,
  -- Since when no renewal came too late. One that was cut off itself cannot
  -- tell who else was: it judges nobody until it has been back for one lease.
  ADD COLUMN steady_since    timestamptz NOT NULL DEFAULT '-infinity';

-- Members that nobody has buried yet may share a name; the newest keeps it.
UPDATE member m SET name = name || '#' || incarnation
WHERE alive AND EXISTS (SELECT FROM member n
                        WHERE n.alive AND n.name = m.name
                          AND n.incarnation > m.incarnation);

-- Neither column changes with a batch or a renewal, so these stay heap-only.
CREATE UNIQUE INDEX member_by_name ON member (name) WHERE alive;
