#pragma once

#include <boost/json.hpp>

#include <string>
#include <vector>

/// What `usher top` shows, without a terminal. Pure.
namespace usher::inspect {

/// A line, and how it is to look.
struct screen_line {
  enum class look : std::uint8_t { plain, bold, reversed, dim };

  std::string text;
  look as = look::plain;
};

/// What a key asks the program to do.
enum class wish : std::uint8_t { nothing, quit, open };

/// The keys that are no characters.
enum class special_key : std::uint8_t {
  up,
  down,
  page_up,
  page_down,
  enter,
  escape,
  backspace,
};

/// The live view: what is known, what is chosen, and how it looks.
class top_model {
public:
  /// What was found out last: `nodes` as in `usher nodes -o json`, `hot` as in
  /// `usher hot -o json`, and what is wrong. Ignored while paused.
  void take(std::string at, boost::json::array nodes, boost::json::array hot,
            std::vector<std::string> trouble);

  /// Nothing was found out: what was known stays, and is marked as old.
  void lose(std::vector<std::string> trouble);

  /// The state of the entity that was opened.
  void show(const std::string& title, const std::string& text);

  wish press(char key);
  wish press(special_key key);

  /// The entity under the cursor; empty if there is none.
  std::string chosen() const;

  /// Exactly `rows` lines of at most `columns` characters.
  std::vector<screen_line> screen(std::size_t rows, std::size_t columns) const;

private:
  using line_list = std::vector<screen_line>;

  std::vector<const boost::json::value*> shown_hot() const;
  /// The dead come last, whatever they are sorted by.
  std::vector<const boost::json::value*> sorted_nodes() const;
  void add_nodes(line_list& out, std::size_t most) const;
  void add_hot(line_list& out, std::size_t most) const;
  line_list overview(std::size_t rows) const;
  line_list opened(std::size_t rows) const;
  std::string keys() const;

  std::string at_;
  boost::json::array nodes_;
  boost::json::array hot_;
  std::vector<std::string> trouble_;
  std::size_t sort_ = 0;
  std::size_t cursor_ = 0;
  std::string filter_;
  bool is_known_ = false; ///< something was taken at least once
  bool is_old_ = false;
  bool is_typing_ = false;
  bool is_paused_ = false;
  bool is_open_ = false;
  std::string title_;
  std::vector<std::string> lines_;
  std::size_t scroll_ = 0;
};

} // namespace usher::inspect
