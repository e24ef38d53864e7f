-- Where an operator wants a shard: the name of a node, which has it while a life
-- of that name serves. Versions before this one neither read nor write it.
ALTER TABLE shard ADD COLUMN pinned text;
