-- The book of the built-in payment provider. It is the other side's, not ours:
-- only the provider reads it, and nothing of ours may be derived from it. All
-- nodes share it, so that any of them can play, look up or pay back a payment.

-- What was done with a payment, and whether we have heard of it.
CREATE TABLE sandbox_callback (
  callback uuid PRIMARY KEY,
  payment  uuid        NOT NULL,
  number   bigint      GENERATED ALWAYS AS IDENTITY,
  amount   bigint      NOT NULL,
  at       timestamptz NOT NULL, -- nothing is known of it before
  due      timestamptz,          -- when it is sent again; null = never
  tries    int         NOT NULL DEFAULT 0,
  report   smallint    NOT NULL,
  currency text        NOT NULL
);

CREATE INDEX sandbox_callback_by_payment ON sandbox_callback (payment, number);
CREATE INDEX sandbox_callback_by_due ON sandbox_callback (due)
  WHERE due IS NOT NULL;

CREATE TABLE sandbox_refund (
  payment  uuid PRIMARY KEY,
  amount   bigint      NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  currency text        NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON sandbox_callback TO usher_app;
GRANT SELECT, INSERT ON sandbox_refund TO usher_app;
