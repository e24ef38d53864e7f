-- What reads a shard from some place on is the projection, and it wants only
-- what lists show. The facts of a hold, most of what is written, need no entry
-- for it: a tenth more holds a second. (shard, lsn) was unique for all rows; the
-- other index is what keeps two writers of an entity apart.
-- Writers wait while it is built, about a second for a million rows. A node of
-- the version before then finds the end of a shard by reading the whole journal:
-- where that is long, replace all nodes soon.
ALTER TABLE journal ADD COLUMN is_listed boolean NOT NULL DEFAULT true;
CREATE UNIQUE INDEX journal_listed ON journal (shard, lsn) WHERE is_listed;
DROP INDEX journal_by_shard;
