#pragma once

#include "node/api/answers.hpp"

/// One function for each route; the table that binds them is in routes.cpp.
namespace usher::api {

// accounts
awaitable<reply> register_account(exchange&);
awaitable<reply> log_in(exchange&);
awaitable<reply> refresh_tokens(exchange&);
awaitable<reply> log_out(exchange&);
awaitable<reply> verify_token(exchange&);
awaitable<reply> show_me(exchange&);

// organizing
awaitable<reply> create_organization(exchange&);
awaitable<reply> list_organizations(exchange&);
awaitable<reply> show_organization(exchange&);
awaitable<reply> add_member(exchange&);
awaitable<reply> remove_member(exchange&);
awaitable<reply> create_layout(exchange&);
awaitable<reply> list_layouts(exchange&);
awaitable<reply> show_layout(exchange&);
awaitable<reply> create_event(exchange&);
awaitable<reply> revise_event(exchange&);
awaitable<reply> configure_event(exchange&);
awaitable<reply> approve_event(exchange&);
awaitable<reply> publish_event(exchange&);
awaitable<reply> cancel_event(exchange&);

// running a sale
awaitable<reply> pause_event(exchange&);
awaitable<reply> resume_event(exchange&);
awaitable<reply> change_queue_rate(exchange&);
awaitable<reply> clear_queue(exchange&);
awaitable<reply> watch_queue(exchange&);
awaitable<reply> block_seats(exchange&);
awaitable<reply> unblock_seats(exchange&);

// browsing
awaitable<reply> list_events(exchange&);
awaitable<reply> list_events_of(exchange&);
awaitable<reply> show_event(exchange&);
awaitable<reply> show_seats(exchange&);
awaitable<reply> show_availability(exchange&);
awaitable<reply> refuse_plain_live(exchange&);

// booking
awaitable<reply> open_session(exchange&);
awaitable<reply> list_sessions(exchange&);
awaitable<reply> show_session(exchange&);
awaitable<reply> hold_seats(exchange&);
awaitable<reply> release_seat(exchange&);
awaitable<reply> extend_session(exchange&);
awaitable<reply> cancel_session(exchange&);
awaitable<reply> check_out(exchange&);

// waiting room
awaitable<reply> join_queue(exchange&);
awaitable<reply> show_queue(exchange&);
awaitable<reply> leave_queue(exchange&);

// payments, orders, tickets
awaitable<reply> play_sandbox(exchange&);
awaitable<reply> hear_sandbox(exchange&);
awaitable<reply> list_payments(exchange&);
awaitable<reply> show_payment(exchange&);
awaitable<reply> list_orders(exchange&);
awaitable<reply> show_order(exchange&);
awaitable<reply> list_tickets(exchange&);
awaitable<reply> show_ticket(exchange&);
awaitable<reply> show_ticket_keys(exchange&);

// operation
awaitable<reply> show_health(exchange&);
awaitable<reply> show_readiness(exchange&);
awaitable<reply> show_metrics(exchange&);
awaitable<reply> show_docs(exchange&);
awaitable<reply> show_contract(exchange&);

} // namespace usher::api
