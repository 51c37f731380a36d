-- wrk's part: asks for the lines of a file in turn, and prints what came of it
-- on one line (lib.sh, wrk_run).  Arguments: the file, the number of clients.
--
-- wrk alters its own figures upward before anybody sees them, for answers that
-- took twice the mean and more ("coordinated omission").  Among requests of
-- which one is dearer than the other that is wrong: so, where there is one
-- client only, the time from request to request is taken here.

local ffi = require("ffi")
ffi.cdef [[
  struct my500_time { long s; long ns; };
  int clock_gettime(int clock, struct my500_time *now);
]]
local CLOCK_MONOTONIC = 1
local time = ffi.new("struct my500_time")

local function now_us()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, time)
  return tonumber(time.s) * 1e6 + tonumber(time.ns) / 1e3
end

local requests = {}
local turn = 0
local begun

-- Globals: read by done(), which runs in another Lua state.
taken = {}
clients = 0

function init(arguments)
  clients = tonumber(arguments[2])
  for line in io.lines(arguments[1]) do
    local token, path, tag = line:match("^(%S+)\t(%S+)\t?(.*)$")
    local headers = {}
    if tag ~= "" then
      headers["If-None-Match"] = tag
    end
    if token ~= "-" then
      headers.Authorization = "Bearer " .. token
    end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

-- The first call is wrk's own, to see whether there is a request.
function request()
  local now = now_us()
  if begun and clients == 1 then
    taken[#taken + 1] = now - begun
  end
  begun = now
  turn = turn % #requests + 1
  return requests[turn]
end

local the_thread

function setup(thread)
  the_thread = thread
end

function done(summary, latency)
  local samples = the_thread:get("taken")
  local percentile = function(p) return latency:percentile(p) end
  local longest = latency.max
  if #samples > 0 then
    table.sort(samples)
    percentile = function(p)
      return samples[math.max(1, math.ceil(#samples * p / 100))]
    end
    longest = samples[#samples]
  end
  local e = summary.errors
  print(string.format("my500: %.1f %.3f %.3f %.3f %.3f %d",
    summary.requests / (summary.duration / 1e6), percentile(50) / 1e3,
    percentile(95) / 1e3, percentile(99) / 1e3, longest / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
