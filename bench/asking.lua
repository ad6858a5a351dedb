-- Asks for the paths of a file, one after the other and then from the first again.
-- wrk … -- FILE THREADS

local telling = require("telling")
local paths, at

function init(args)
  wrk_threads = tonumber(args[2])
  paths, at = telling.lines(args[1]), 0
end

function request()
  at = at % #paths + 1
  telling.begun()
  return wrk.format("GET", paths[at])
end

function response(status)
  if status == 200 then telling.ended() else telling.failed("status " .. status) end
end
