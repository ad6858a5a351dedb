-- What every script of wrk here counts, and how it tells it.
--
-- Each thread has one connection, so that what it hears answers what it said last. `begun` and `ended` stand
-- around one thing that a client does, of one request or several.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
]]
local MONOTONIC = 1 -- of Linux

local telling, threads, moment = {}, {}, ffi.new("moment")
-- Milliseconds of each thing done, and how many lines were begun; global, for thread:get.
times, begun, failed, why, ran_out = {}, 0, 0, "", false

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) * 1e3 + tonumber(moment.nanoseconds) / 1e6
end

function telling.begun()
  begun = begun + 1
  telling.since = now()
end

function telling.ended() times[#times + 1] = now() - telling.since end

function telling.failed(said)
  failed, why = failed + 1, said
end

-- The lines of a file that are this thread's: each is of one thread.
function telling.lines(path)
  local mine, number = {}, 0
  for line in io.lines(path) do
    if number % wrk_threads == wrk_number then mine[#mine + 1] = line end
    number = number + 1
  end
  assert(#mine > 0, "fewer lines than threads")
  return mine
end

function setup(thread)
  thread:set("wrk_number", #threads)
  threads[#threads + 1] = thread
end

function done(summary)
  local all, most, not_right, last, out = {}, 0, 0, "", false
  for _, thread in ipairs(threads) do
    for _, time in ipairs(thread:get("times")) do all[#all + 1] = time end
    most = math.max(most, thread:get("begun"))
    not_right, out = not_right + thread:get("failed"), out or thread:get("ran_out")
    last = thread:get("why") ~= "" and thread:get("why") or last
  end
  table.sort(all)
  local function percentile(n) return all[math.max(1, math.ceil(#all * n / 100))] or 0 end
  local errors = summary.errors
  io.write(string.format(
    '\n{"done": %d, "seconds": %.6f, "p50": %.4f, "p95": %.4f, "p99": %.4f, "spent": %d, "failed": %d, "why": "%s",'
      .. ' "ran_out": %s}\n',
    #all, summary.duration / 1e6, percentile(50), percentile(95), percentile(99),
    most * #threads, not_right + errors.connect + errors.read + errors.write + errors.timeout, last, tostring(out)))
end

return telling
