-- Lists are newest first by the moment and then the id. The id alone says when
-- only where it was minted: one that an Idempotency-Key names has the time of
-- its caller's account. A session's tickets still lie together by their ids.
CREATE INDEX order_list_by_buyer ON order_list (buyer, created_at, id);
CREATE INDEX order_list_by_event ON order_list (event, created_at, id);
CREATE INDEX payment_list_by_payer ON payment_list (payer, created_at, id);
CREATE INDEX payment_list_by_event ON payment_list (event, created_at, id);
CREATE INDEX ticket_list_by_buyer ON ticket_list (buyer, issued_at, id);
CREATE INDEX ticket_list_by_event ON ticket_list (event, issued_at, id);
CREATE INDEX layout_list_by_time ON layout_list (created_at, id);
DROP INDEX order_list_of_buyer, order_list_of_event, payment_list_of_payer,
  payment_list_of_event, ticket_list_of_event;
