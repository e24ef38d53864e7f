#include "node/inspect/cli/top.hpp"

#include "node/inspect/cli/messengers.hpp"
#include "node/inspect/cli/top_model.hpp"

#include <atomic>
#include <clocale>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#define NCURSES_NOMACROS // its macros are called like everybody's functions
#include <ncurses.h>
#include <unistd.h>

namespace usher::inspect {

namespace {

constexpr std::chrono::seconds between_looks{1};

std::atomic<bool> is_interrupted = false;

/// The terminal, full screen, as long as this lives. Throws bad_usage if it is
/// of a kind that nobody knows.
class terminal {
public:
  terminal() {
    std::setlocale(LC_ALL, ""); // NOLINT(concurrency-mt-unsafe)
    screen_ = newterm(nullptr, stdout, stdin);
    if (screen_ == nullptr)
      throw bad_usage("top does not know this kind of terminal: see $TERM");
    std::signal(SIGINT, [](int) { is_interrupted = true; });
    cbreak();
    noecho();
    keypad(stdscr, true);
    curs_set(0);
    set_escdelay(50);
    ::wtimeout(stdscr, 200);
  }

  ~terminal() {
    endwin();
    delscreen(screen_);
  }

  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  static void draw(const top_model& model) {
    werase(stdscr);
    const auto rows = static_cast<std::size_t>(std::max(1, getmaxy(stdscr)));
    const auto columns = static_cast<std::size_t>(std::max(1, getmaxx(stdscr)));
    const auto lines = model.screen(rows, columns);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      wattrset(stdscr, static_cast<int>(attributes(lines[i].as)));
      mvwaddnstr(stdscr, static_cast<int>(i), 0, lines[i].text.c_str(), -1);
    }
    wattrset(stdscr, static_cast<int>(A_NORMAL));
    wrefresh(stdscr);
  }

private:
  static attr_t attributes(screen_line::look as) {
    switch (as) {
      case screen_line::look::bold:
        return A_BOLD;
      case screen_line::look::reversed:
        return A_REVERSE;
      case screen_line::look::dim:
        return A_DIM;
      case screen_line::look::plain:
        return A_NORMAL;
    }
    return A_NORMAL;
  }

  SCREEN* screen_ = nullptr;
};

/// Asks the cluster once a second, in a thread of its own, so that keys are
/// never kept waiting.
class watcher {
public:
  watcher(const target& where, const wishes& asked, std::mutex& lock,
          top_model& model)
    : where_(where), wishes_(asked), lock_(lock), model_(model) {
    wishes_.deadline = std::chrono::milliseconds{2'500};
    wishes_.limit = 100;
    thread_ = std::thread([this] { run(); });
  }

  ~watcher() {
    {
      const std::lock_guard guard(sleep_lock_);
      is_over_ = true;
    }
    woken_.notify_one();
    thread_.join();
  }

  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

private:
  void run() {
    hot_rates since_last;
    for (;;) {
      look(since_last);
      std::unique_lock guard(sleep_lock_);
      if (woken_.wait_for(guard, between_looks, [this] { return is_over_; }))
        return;
    }
  }

  void look(hot_rates& since_last) {
    std::vector<std::string> trouble;
    try {
      inspector it(where_, wishes_, messenger_for(where_));
      auto at = to_rfc3339(it.now());
      auto found = it.nodes();
      trouble = found.findings;
      for (const auto& one : found.missing)
        trouble.push_back("no answer from " + one.who + ": " + one.why);
      auto nodes = std::move(found.body["nodes"].as_array());
      auto hot = it.hotter(since_last);
      const std::lock_guard guard(lock_);
      if (nodes.empty() && !found.missing.empty())
        model_.lose(std::move(trouble));
      else
        model_.take(std::move(at), std::move(nodes), std::move(hot),
                    std::move(trouble));
    } catch (const std::exception& why) {
      trouble.emplace_back(why.what());
      const std::lock_guard guard(lock_);
      model_.lose(std::move(trouble));
    }
  }

  target where_;
  wishes wishes_;
  std::mutex& lock_;
  top_model& model_;
  std::mutex sleep_lock_;
  std::condition_variable woken_;
  bool is_over_ = false;
  std::thread thread_;
};

wish press(top_model& model, int key) {
  switch (key) {
    case KEY_UP:
      return model.press(special_key::up);
    case KEY_DOWN:
      return model.press(special_key::down);
    case KEY_PPAGE:
      return model.press(special_key::page_up);
    case KEY_NPAGE:
      return model.press(special_key::page_down);
    case KEY_ENTER:
    case '\n':
    case '\r':
      return model.press(special_key::enter);
    case 27:
      return model.press(special_key::escape);
    case KEY_BACKSPACE:
    case 127:
      return model.press(special_key::backspace);
    default:
      return key > 31 && key < 127 ? model.press(static_cast<char>(key))
                                   : wish::nothing;
  }
}

std::string state_of(const target& where, const wishes& asked,
                     const std::string& entity) {
  try {
    inspector it(where, asked, messenger_for(where));
    return as_text(it.state(entity, ""));
  } catch (const std::exception& why) {
    return why.what();
  }
}

} // namespace

int show_top(const target& where, const wishes& asked) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
    throw bad_usage("top wants a terminal; see nodes and hot for scripts");
  std::mutex lock;
  top_model model;
  const terminal screen;
  const watcher watching(where, asked, lock, model);
  for (;;) {
    std::string chosen;
    {
      const std::lock_guard guard(lock);
      terminal::draw(model);
      chosen = model.chosen();
    }
    const int key = wgetch(stdscr);
    if (is_interrupted)
      return 0;
    std::unique_lock guard(lock);
    const auto wanted = key == ERR ? wish::nothing : press(model, key);
    if (wanted == wish::quit)
      return 0;
    if (wanted != wish::open)
      continue;
    guard.unlock();
    const auto text = state_of(where, asked, chosen);
    guard.lock();
    model.show(chosen, text);
  }
}

} // namespace usher::inspect
