#include "node/demo.hpp"

#include "node/api/layout_form.hpp"
#include "node/front/front_desk.hpp"
#include "node/http/password.hpp"
#include "node/log.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace usher {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::string_view demo_password = "usher-demo-password";

/// What the demo makes has ids that follow from its names, so that the next
/// start finds it.
uuid demo_id(const std::string& name) {
  uuid root;
  root.bytes[0] = 1;
  return derive_uuid(root, "demo:" + name);
}

std::string read_file(const fs::path& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

/// Whether a step is done, now or at an earlier start.
bool is_done(const answer& said) {
  return said.granted() || said.refused == errc::already_exists
         || said.refused == errc::email_taken
         || said.refused == errc::wrong_state;
}

void check(const entity_id& from, const answer& said) {
  if (!is_done(said))
    throw std::runtime_error(to_string(from) + ": "
                             + std::string{to_string(said.refused)});
}

asio::awaitable<void> expect(front_desk& desk, entity_id to, any_command what) {
  const auto said = co_await desk.ask(to, std::move(what));
  check(to, said);
}

asio::awaitable<std::string>
hash_of(front_desk& desk, std::function<result<std::string>()> work) {
  constexpr http::rate_key the_house = 0;
  auto hash = co_await desk.hash(the_house, std::move(work));
  if (!hash)
    throw std::runtime_error("no memory for a password");
  co_return std::move(*hash);
}

asio::awaitable<answer> enroll(front_desk& desk, account_id id,
                               std::string email, std::string password,
                               account::role as) {
  auto work = [password, cost = desk.password_cost()] {
    return http::hash_password(password, cost);
  };
  auto hash = co_await hash_of(desk, work);
  account::register_person wanted;
  wanted.who.email = std::move(email);
  wanted.who.first_name = "Demo";
  wanted.who.last_name = as == account::role::admin ? "Admin" : "User";
  wanted.password_hash = std::move(hash);
  wanted.as = as;
  co_return co_await desk.ask({entity_kind::account, id.value},
                              account::command{std::move(wanted)});
}

/// What an operator says the password is, it is from the next start on.
asio::awaitable<void> renew_password(front_desk& desk, entity_id who,
                                     const config::admin& wanted) {
  account::command question = account::challenge{};
  const auto said = co_await desk.ask(who, std::move(question));
  check(who, said);
  auto work = [old = std::get<account::secret>(said.reply).password_hash,
               password = wanted.password,
               cost = desk.password_cost()]() -> result<std::string> {
    if (http::verify_password(old, password))
      return std::string{};
    return http::hash_password(password, cost);
  };
  auto hash = co_await hash_of(desk, work);
  if (hash.empty())
    co_return;
  account::set_password change{std::move(hash)};
  const auto changed =
    co_await desk.ask(who, account::command{std::move(change)});
  if (changed.refused == errc::unavailable) {
    log::warning("admin_password_not_changed",
                 {{"email", wanted.email},
                  {"why", "an older node may have the account; start again "
                          "when all nodes are of this version"}});
    co_return;
  }
  check(who, changed);
  log::warning("admin_password_changed", {{"email", wanted.email}});
}

/// Whoever else has the address by now does not become administrator by that.
asio::awaitable<void> appoint(front_desk& desk, config::admin wanted) {
  const account_id id{demo_id("admin:" + wanted.email)};
  const entity_id who{entity_kind::account, id.value};
  const auto said = co_await enroll(desk, id, wanted.email, wanted.password,
                                    account::role::admin);
  if (said.refused == errc::already_exists)
    co_return co_await renew_password(desk, who, wanted);
  if (said.refused == errc::email_taken)
    log::warning("admin_email_taken",
                 {{"email", wanted.email},
                  {"why", "another account has it, and stays what it is; set "
                          "USHER_ADMIN_EMAIL to another address"}});
  else
    check(who, said);
}

asio::awaitable<void> enroll_user(front_desk& desk, account_id id,
                                  std::string email) {
  std::string password{demo_password};
  const auto said = co_await enroll(desk, id, std::move(email),
                                    std::move(password), account::role::user);
  check({entity_kind::account, id.value}, said);
}

std::string text_in(const boost::json::object& from, std::string_view name) {
  auto* found = from.if_contains(name);
  return found ? json::get<std::string>(*found) : std::string{};
}

/// An event stays where it was put before there were several cells.
asio::awaitable<bool> is_there(front_desk& desk, entity_id show) {
  event::command look = event::describe{};
  const auto said = co_await desk.ask(show, std::move(look));
  co_return said.granted();
}

event::profile read_profile(const std::string& text, timestamp now) {
  const auto document = json::parse(text);
  const auto& from = document.as_object();
  auto days = [&](std::string_view name) {
    return std::chrono::hours{24} * json::get<std::int64_t>(from.at(name));
  };
  event::profile out;
  out.title = text_in(from, "title");
  out.venue = text_in(from, "venue");
  out.currency = text_in(from, "currency");
  out.timezone = text_in(from, "timezone");
  out.description = text_in(from, "description");
  out.address = text_in(from, "address");
  out.artist_name = text_in(from, "artist_name");
  out.category = text_in(from, "category");
  out.starts_at = now + days("starts_in_days");
  out.sale_starts_at = now
                       + std::chrono::seconds{json::get<std::int64_t>(
                         from.at("sale_starts_in_seconds"))};
  out.sale_ends_at = now + days("sale_ends_in_days");
  out.ticket_types =
    json::get<std::vector<event::ticket_type>>(from.at("ticket_types"));
  out.rules = json::get<event::settings>(from.at("settings"));
  return out;
}

asio::awaitable<void> put_on_sale(front_desk& desk, const fs::path& plan,
                                  account_id organizer,
                                  organization_id organization, cell_no where) {
  const auto name = plan.stem().string();
  auto form = api::read_layout(read_file(plan));
  if (!form)
    throw std::runtime_error(plan.string() + " is no layout");
  const entity_id house{entity_kind::layout, demo_id("layout:" + name)};
  layout::create drawing{organizer, form->name, form->sections};
  co_await expect(desk, house, layout::command{std::move(drawing)});
  auto details = plan;
  details.replace_extension(".event.json");
  auto profile = read_profile(read_file(details), desk.node.clock.now());
  profile.organization = organization;
  profile.layout = {house.key};
  const entity_id first{entity_kind::event, demo_id("event:" + name)};
  const bool was_before = co_await is_there(desk, first);
  const entity_id show =
    was_before ? first : entity_id{first.kind, in_cell(first.key, where)};
  event::create draft;
  draft.caller = organizer;
  draft.wanted = std::make_shared<const event::profile>(std::move(profile));
  co_await expect(desk, show, event::command{std::move(draft)});
  for (auto step :
       {event::step::configure, event::step::approve, event::step::publish}) {
    event::advance next;
    next.caller = organizer;
    next.to = step;
    next.draw_secret = mint_uuid();
    co_await expect(desk, show, event::command{std::move(next)});
  }
  log::info("demo_event", {{"name", name}, {"id", to_string(show.key)}});
}

/// By name, so that every start deals them out alike.
std::vector<fs::path> plans_in(const std::string& venues) {
  std::vector<fs::path> out;
  for (const auto& file : fs::directory_iterator{venues}) {
    const auto name = file.path().filename().string();
    if (name.ends_with(".json") && !name.ends_with(".event.json"))
      out.push_back(file.path());
  }
  std::ranges::sort(out);
  return out;
}

/// One after the other, so that each cell has some.
cell_no cell_for(const front_desk& desk, std::size_t n) {
  const auto& cells = desk.settings().cluster.cells;
  return cells.empty() ? first_cell : cells[n % cells.size()].number;
}

asio::awaitable<void> seed(front_desk& desk, std::string venues) {
  const account_id organizer{demo_id("organizer")};
  co_await enroll_user(desk, organizer, "organizer@usher.example");
  co_await enroll_user(desk, {demo_id("buyer")}, "buyer@usher.example");
  const organization_id organization{demo_id("organization")};
  organization::create founding{organizer, "Usher Demo"};
  co_await expect(desk, {entity_kind::organization, organization.value},
                  organization::command{std::move(founding)});
  std::size_t next = 0;
  for (const auto& plan : plans_in(venues)) {
    const auto where = cell_for(desk, next++);
    co_await put_on_sale(desk, plan, organizer, organization, where);
  }
}

} // namespace

asio::awaitable<void> prepare_house(front_desk& desk, std::string venues) {
  const auto& admin = desk.settings().admin;
  if (!admin.email.empty())
    co_await appoint(desk, admin);
  if (!venues.empty())
    co_await seed(desk, std::move(venues));
}

} // namespace usher
