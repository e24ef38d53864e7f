-- POST a hold of 2 random seats of one section, with the next open session. options: sessions=FILE sections=20 rows=20
-- per_row=50 seed=1 from=0 (first session) across=1 (the two seats in any sections) classify=1 (count refusals apart
-- from errors: dearer for the load generator) grants=FILE (write every session that was granted, with all it holds)
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(here .. "sessions.lua")
local random = math.random
local heads, names, sections, seats, at, across
refused, failed, grants = 0, 0, ""
local threads = {}
function setup(t) table.insert(threads, t) end
function init(args)
  read_opts(args)
  math.randomseed(tonumber(opt.seed or os.time()))
  sections = tonumber(opt.sections or 20)
  seats = tonumber(opt.rows or 20) * tonumber(opt.per_row or 50)
  names = seat_names(sections, tonumber(opt.rows or 20), tonumber(opt.per_row or 50))
  heads = {}
  for i, session in ipairs(load_sessions(opt.sessions)) do
    heads[i] = "POST /v1/sessions/" .. session.id .. "/seats" .. session.tail
  end
  at = tonumber(opt.from or 0) % #heads
  across = opt.across == "1"
  if opt.classify == "1" then
    response = function(status)
      if status == 409 then refused = refused + 1 elseif status ~= 200 then failed = failed + 1 end
    end
  end
  grants_file = opt.grants or "" -- `done` runs in another state, without options
  if opt.grants then
    response = function(status, _, body)
      if status == 200 then
        local line = body:match('"session":{"id":"([^"]+)"')
        for seat in body:gmatch('{"id":"([^"]+)","section"') do line = line .. " " .. seat end
        grants = grants .. line .. "\n"
      elseif status ~= 409 then failed = failed + 1 end
    end
  end
  request = write_ahead(hold)
end
function hold()
  at = at % #heads + 1
  local a, d = random(seats), random(seats - 1)
  local first = names[random(sections)]
  local second = across and names[random(sections)] or first
  local body = '{"seats":["' .. first[a] .. '","' .. second[(a + d - 1) % seats + 1] .. '"]}'
  return heads[at] .. #body .. "\r\n\r\n" .. body
end
function done(s, l, r)
  local no, bad = 0, 0
  for _, t in ipairs(threads) do no = no + t:get("refused"); bad = bad + t:get("failed") end
  local file_name = threads[1]:get("grants_file")
  if file_name ~= "" then
    local file = assert(io.open(file_name, "w"))
    for _, t in ipairs(threads) do file:write(t:get("grants")) end
    file:close()
  end
  report(s, l, s.errors.status, no .. ":" .. bad)
end
