-- from hold to sale: hold 2 random seats, check out, pay in the sandbox; each sale takes the next open session.
-- extra=HELD:PAYING:PAID:REFUSED:FAILED. options: sessions=FILE sections=20 rows=20 per_row=50 seed=1 from=0
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(here .. "sessions.lua")
local random = math.random
local open, tails, names, sections, seats, at
local turn, first, last = {}, 1, 0
held, paying, paid, refused, failed = 0, 0, 0, 0, 0
local threads = {}
function setup(t) table.insert(threads, t) end
function init(args)
  read_opts(args)
  math.randomseed(tonumber(opt.seed or os.time()))
  sections = tonumber(opt.sections or 20)
  seats = tonumber(opt.rows or 20) * tonumber(opt.per_row or 50)
  names = seat_names(sections, tonumber(opt.rows or 20), tonumber(opt.per_row or 50))
  open, tails, at = load_sessions(opt.sessions), {}, tonumber(opt.from or 0)
  for _, session in ipairs(open) do tails[session.id] = session.tail end
end
local function post(path, tail, body) return "POST " .. path .. tail .. #body .. "\r\n\r\n" .. body end
local function later(request) last = last + 1; turn[last] = request end
function request()
  if first <= last then
    local next = turn[first]
    turn[first] = nil; first = first + 1
    return next
  end
  at = at + 1
  local session = open[at]
  if not session then return "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" end -- all sold: more sessions are needed
  local a, d, names_here = random(seats), random(seats - 1), names[random(sections)]
  return post("/v1/sessions/" .. session.id .. "/seats", session.tail,
    '{"seats":["' .. names_here[a] .. '","' .. names_here[(a + d - 1) % seats + 1] .. '"]}')
end
-- An answer does not say what it answers: a hold has a session, a checkout both, a payment of the sandbox no session
-- that is ours.
local payers = {}
function response(status, headers, body)
  if status == 409 then refused = refused + 1; return end
  if status ~= 200 then failed = failed + 1; return end
  local payment = body:match('"payment"%s*:%s*{.-"id"%s*:%s*"([%x%-]+)"')
  if payment and payers[payment] then
    payers[payment] = nil
    if body:find('"completed"', 1, true) then paid = paid + 1 end
    return
  end
  local session
  for id in body:gmatch('"([%x]+%-[%x]+%-[%x]+%-[%x]+%-[%x]+)"') do
    if tails[id] then session = id; break end
  end
  if not session then return end
  if payment then
    paying = paying + 1
    payers[payment] = true
    later(post("/v1/sandbox/payments/" .. payment, tails[session], '{"outcome":"succeed"}'))
  else
    held = held + 1
    later(post("/v1/sessions/" .. session .. "/checkout", tails[session], '{"payment_method":"sandbox"}'))
  end
end
function done(s, l, r)
  local sum = {}
  for i, name in ipairs({"held", "paying", "paid", "refused", "failed"}) do
    sum[i] = 0
    for _, t in ipairs(threads) do sum[i] = sum[i] + t:get(name) end
  end
  report(s, l, s.errors.status, table.concat(sum, ":"))
end
