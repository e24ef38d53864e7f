-- from hold to sale: hold 2 random seats, check out, pay in the sandbox; each sale takes the next open session.
-- extra=HELD:PAYING:PAID:REFUSED:FAILED. options: sessions=FILE sections=20 rows=20 per_row=50 seed=1 from=0
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(here .. "sessions.lua")
local random = math.random
local open, names, sections, seats, at
local by_id, turn, first, last = {}, {}, 1, 0
held, paying, paid, refused, failed = 0, 0, 0, 0, 0
local threads = {}
function setup(t) table.insert(threads, t) end
local function post(path, tail, body) return "POST " .. path .. tail .. #body .. "\r\n\r\n" .. body end
-- A session's requests are written before the run, but for the payment's id: see write_ahead.
local function prepare(session)
  local a, d, names_here = random(seats), random(seats - 1), names[random(sections)]
  local path, tail = "/v1/sessions/" .. session.id, session.tail
  session.hold = post(path .. "/seats", tail, '{"seats":["' .. names_here[a] .. '","' .. names_here[(a + d - 1) % seats + 1] .. '"]}')
  session.checkout = post(path .. "/checkout", tail, '{"payment_method":"sandbox"}')
  session.pay = post("", tail, '{"outcome":"succeed"}'):sub(6)
end
function init(args)
  read_opts(args)
  math.randomseed(tonumber(opt.seed or os.time()))
  sections = tonumber(opt.sections or 20)
  seats = tonumber(opt.rows or 20) * tonumber(opt.per_row or 50)
  names = seat_names(sections, tonumber(opt.rows or 20), tonumber(opt.per_row or 50))
  open, at = load_sessions(opt.sessions), tonumber(opt.from or 0)
  for _, session in ipairs(open) do by_id[session.id] = session; prepare(session) end
  collectgarbage("setpause", 1000); collectgarbage()
end
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
  return session.hold
end
-- An answer does not say what it answers: a payment's begins with the payment, a checkout's has one behind the session.
function response(status, headers, body)
  if status == 409 then refused = refused + 1; return end
  if status ~= 200 then failed = failed + 1; return end
  local what, id = body:match('^{"(%a+)":{"id":"([%x%-]+)"')
  if what == "payment" then
    if body:find('"status":"completed"', 1, true) then paid = paid + 1 end
    return
  end
  local session = by_id[id]
  if not session then return end
  local payment = body:match('"payment":{"id":"([%x%-]+)"', 50)
  if payment then
    paying = paying + 1
    later("POST /v1/sandbox/payments/" .. payment .. session.pay)
  else
    held = held + 1
    later(session.checkout)
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
