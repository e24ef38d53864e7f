#pragma once

#include "cluster/mesh.hpp"
#include "node/inspect/desk.hpp"
#include "node/membership/letter_keeper.hpp"
#include "node/services.hpp"
#include "persistence/store.hpp"

namespace usher {

/// The link to another node, and who relays what is said to it if that is down;
/// 0 = nobody.
struct way_to_node {
  cluster::link_status link;
  incarnation detour = 0;
};

/// What the inspector finds in this node: answers frames of the kind `inspect`.
class looking_in {
public:
  struct options {
    persistence::pg_options database;
    std::int64_t self = 0;
    std::shared_ptr<persistence::registry> members;
    /// The keeper is to look at the cluster at once.
    std::function<void()> look_again;
    std::function<answer(request)> ask;
    /// To all other members. Any thread.
    std::function<std::vector<way_to_node>()> ways;
  };

  looking_in(services& node, options chosen);

  /// Takes the body of a frame from a visitor, and answers over the mesh. On
  /// whatever thread, and at once.
  void hear(cluster::mesh& links, incarnation from, std::string body);

  /// Answers what was asked, then nothing more.
  void close() { desk_.close(); }

private:
  inspect::insides insides_of(services& node, options chosen);

  persistence::pg_audit audit_;
  letter_keeper letters_;
  inspect::inspection answers_;
  inspect::desk desk_;
};

} // namespace usher
