#include "config/reference.hpp"

#include "config/duration_text.hpp"
#include "config/schema.hpp"

namespace usher::config {

namespace {

/// Walks over the settings and writes each down.
class writer {
public:
  writer(std::string path, std::vector<reference_row>& out)
    : path_(std::move(path)), out_(out) {}

  void group(const char* name, auto& target) {
    writer inner(path_ + name + ".", out_);
    walk(inner, target);
  }

  template <class Group>
  void groups(const char* name, std::vector<Group>&) {
    Group sample;
    writer inner(path_ + name + "[].", out_);
    walk(inner, sample);
  }

  void number(const char* name, auto& target, std::uint64_t least,
              std::uint64_t most) {
    add(name, std::to_string(target),
        std::to_string(least) + " to " + std::to_string(most));
  }

  void span(const char* name, duration& target, duration least, duration most) {
    add(name, to_text(target), to_text(least) + " to " + to_text(most));
  }

  void text(const char* name, std::string& target, presence wanted) {
    add(name, target,
        wanted == presence::required && target.empty() ? "text, required"
                                                       : "text");
  }

  void texts(const char* name, std::vector<std::string>&) {
    add(name, "", "list of texts");
  }

  void flag(const char* name, bool& target) {
    add(name, target ? "true" : "false", "true, false");
  }

  void choice(const char* name, auto& target, const auto& choices) {
    std::string standard;
    std::string all;
    for (const auto& [word, meaning] : choices) {
      all += (all.empty() ? "" : ", ") + std::string{word};
      if (meaning == target)
        standard = word;
    }
    add(name, standard, all);
  }

private:
  void add(const char* name, std::string standard, std::string allowed) {
    out_.push_back({path_ + name, std::move(standard), std::move(allowed)});
  }

  std::string path_;
  std::vector<reference_row>& out_;
};

} // namespace

std::vector<reference_row> reference() {
  std::vector<reference_row> out;
  settings defaults;
  writer top("", out);
  walk(top, defaults);
  return out;
}

} // namespace usher::config
