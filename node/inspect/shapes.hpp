#pragma once

#include "node/inspect/shape.hpp"
#include "protocol/entity.hpp"

#include <optional>
#include <span>

namespace usher::inspect {

/// The verdict on one text, or bare id, of a fact or of a kind's state.
struct text_field {
  std::string_view scope; ///< a fact's name, or a kind for its state
  std::string_view path;  ///< see shape_maker
  bool is_shown = false;
};

/// Every one there is. What is missing here is not shown; a test holds the list
/// complete.
std::span<const text_field> text_fields();

/// Every text and bare id of all facts and states, as `scope` and `path`.
std::vector<std::pair<std::string, std::string>> all_texts();

/// The facts of one row of the journal: [{"fact":name,"body":{..}},..]. Facts
/// that this version does not know have a redacted body; a row that cannot be
/// read at all is null.
boost::json::value show_facts(std::string_view row);

/// A life's fold, {"state":{..},"answers":[..]}, as its state and the answers
/// it owes: of those only when, which request and which status. Null if it
/// cannot be read.
boost::json::value show_fold(entity_kind, std::string_view fold);

/// An entity as people name it: `kind:uuid`, or the uuid alone.
struct named_entity {
  std::optional<entity_kind> kind;
  uuid key;
};

std::optional<named_entity> parse_entity(std::string_view);

} // namespace usher::inspect
