-- What came of requests whose clients asked to be traced. A table beside the
-- journal: who does not ask, nearly everybody, costs no byte there, and who does
-- can be found by the trace. Nothing rests on these rows; they may be deleted.
CREATE TABLE traced (
  trace   uuid     NOT NULL,
  entity  uuid     NOT NULL,
  version int      NOT NULL,
  kind    smallint NOT NULL,
  PRIMARY KEY (entity, kind, version)
);

CREATE INDEX traced_by_trace ON traced (trace);

GRANT SELECT, INSERT ON traced TO usher_app;
