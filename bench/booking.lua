-- Books as a program does: each line of a file is a patient's session, a slot, and a key to use once.
-- wrk … -- FILE THREADS hold|booking: the hold alone, or with paying for it and reading that it is confirmed.

local telling = require("telling")
local lines, at, whole, step, session, checkout, appointment

local HEADERS = { ["Content-Type"] = "application/json" }
local FORM = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local WISH = '{"slotId":"%s","firstName":"Ana","lastName":"Perera","phone":"+94112345678",'
  .. '"nic":"199012345678","email":"ana@bench.example","reason":"Cough"}'

local steps = {}

function steps.hold()
  at = at + 1
  if not lines[at] then
    ran_out = true
    wrk.thread:stop()
    return wrk.format("GET", "/healthz")
  end
  local slot, key
  session, slot, key = lines[at]:match("(%S+) (%S+) (%S+)")
  HEADERS["X-Session-Token"], HEADERS["Idempotency-Key"] = session, key
  telling.begun()
  return wrk.format("POST", "/api/v1/appointments", HEADERS, WISH:format(slot))
end

function steps.pay() return wrk.format("POST", checkout, FORM, "outcome=succeed") end

function steps.read()
  return wrk.format("GET", "/api/v1/appointments/" .. appointment, { ["X-Session-Token"] = session })
end

-- Whether the answer is the right one, and what comes next: nothing when all is done.
local answers = {}

function answers.hold(status, body)
  if status ~= 201 or not whole then return status == 201 end
  appointment = body:match('"id": ?"([%x-]+)"')
  checkout = body:match('"checkoutUrl": ?"https?://[^/]+([^"]+)"')
  return checkout ~= nil, "pay"
end

function answers.pay(status) return status == 303, "read" end

function answers.read(status, body)
  return status == 200 and body:find('"status": ?"confirmed"') ~= nil
end

function init(args)
  wrk_threads = tonumber(args[2])
  lines, at, whole, step = telling.lines(args[1]), 0, args[3] == "booking", "hold"
end

function request() return steps[step]() end

function response(status, _, body)
  if ran_out then return end
  local right, next_step = answers[step](status, body)
  if not right then
    telling.failed(step .. ": status " .. status)
  elseif not next_step then
    telling.ended()
  end
  step = right and next_step or "hold"
end
