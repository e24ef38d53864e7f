#include "cluster/heat.hpp"

#include <algorithm>

namespace usher::cluster {

void heat::count(const entity_id& who) {
  auto found = std::ranges::find(all_, who, &warmth::entity);
  if (found == all_.end() && all_.size() < size_) {
    all_.push_back({who, 1, 0});
    return;
  }
  if (found == all_.end()) {
    found = std::ranges::min_element(all_, {}, &warmth::count);
    found->entity = who;
    found->error = found->count;
  }
  ++found->count;
}

} // namespace usher::cluster
