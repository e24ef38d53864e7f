-- what the Usher scripts share: the open sessions, as heads of requests that are ready but for the body's length
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(here .. "../peers/lua/common.lua")

-- lines of token, session id, index of the event
function load_sessions(path)
  local host, all = wrk.headers["Host"] or "localhost", {}
  for line in io.lines(path) do
    local token, session = line:match("^(%S+)\t(%S+)")
    all[#all + 1] = {
      id = session,
      tail = " HTTP/1.1\r\nHost: " .. host .. "\r\nAuthorization: Bearer " .. token
        .. "\r\nContent-Type: application/json\r\nContent-Length: ",
    }
  end
  return all
end

-- the names of a section's seats, as `section-row-number`
function seat_names(sections, rows, per_row)
  local names = {}
  for s = 1, sections do
    local list = {}
    for row = 1, rows do
      for n = 1, per_row do list[#list + 1] = "S" .. s .. "-" .. row .. "-" .. n end
    end
    names[s] = list
  end
  return names
end
