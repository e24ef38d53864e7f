-- GET one path again and again. options: path=/.. etag=".." (asks for news only: 304) gzip=1
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(here .. "../peers/lua/common.lua")
local text
function init(args)
  read_opts(args)
  text = "GET " .. opt.path .. " HTTP/1.1\r\nHost: " .. (wrk.headers["Host"] or "localhost") .. "\r\n"
    .. (opt.etag and "If-None-Match: " .. opt.etag .. "\r\n" or "")
    .. (opt.gzip == "1" and "Accept-Encoding: gzip\r\n" or "") .. "\r\n"
end
function request() return text end
function done(s, l, r) report(s, l, s.errors.status, string.format("%d", s.bytes)) end
