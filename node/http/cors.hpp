#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Which pages of other origins may call the API from a browser (the Fetch
/// standard's CORS protocol). Callers prove themselves by a bearer token and
/// never by a cookie, so no credentials are allowed.
namespace usher::http {

class cors_policy {
public:
  /// `origins` as browsers send them: `https://tickets.example`. None = no page
  /// of another origin may call, and nothing is said about it.
  explicit cors_policy(std::vector<std::string> origins);

  /// The header lines to add to the answer for a request of `origin` (empty =
  /// it named none), each with its CRLF. Without any allowed origin: nothing.
  std::string lines_for(std::string_view origin) const;

  /// What the answer to a preflight says beside lines_for, of a path with these
  /// methods: "GET, HEAD, POST". Empty if the origin is not allowed.
  std::string preflight_lines(std::string_view origin,
                              std::string_view methods) const;

private:
  bool allows(std::string_view origin) const;

  std::vector<std::string> origins_;
};

} // namespace usher::http
