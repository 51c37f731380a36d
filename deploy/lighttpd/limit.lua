-- For mod_magnet (lighttpd 1.4.64 and newer), before my500: one address may have
-- so many requests under way; beyond, it gets 429.  lighttpd counts no requests
-- per second.  A request that was let in has a mark: what comes at the same
-- moment and is refused must not count.
local most = 40

local address = lighty.r.req_attr["request.remote-addr"]
local count = 0
for r in lighty.server.irequests() do
  if r.req_env["LET_IN"] and r.req_attr["request.remote-addr"] == address then
    count = count + 1
  end
end
if count >= most then
  lighty.r.resp_header["Retry-After"] = "1"
  lighty.r.resp_header["Content-Type"] = "application/json"
  lighty.r.resp_body.set({ '{"success":false,"error":"Too many requests"}' })
  return 429
end
lighty.r.req_env["LET_IN"] = "1"
