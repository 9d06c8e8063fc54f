-- Asks for many keys: wrk ... -- PREFIX COUNT zipf|uniform|each [SEED]
-- zipf: by Zipf's law with exponent 1 (drawn from a table made once); uniform: each as likely; each: one after another, never one twice.
local prefix, count, law, seed
local paths, at = {}, 0

function init(args)
  prefix, count, law, seed = args[1], tonumber(args[2]), args[3], tonumber(args[4] or "1")
  math.randomseed(seed)
  at = seed * 100000000
  if law == "zipf" then
    local sums, sum = {}, 0
    for i = 1, count do
      sum = sum + 1 / i
      sums[i] = sum
    end
    for draw = 1, 500000 do
      local wanted, low, high = math.random() * sum, 1, count
      while low < high do
        local middle = math.floor((low + high) / 2)
        if sums[middle] < wanted then low = middle + 1 else high = middle end
      end
      paths[draw] = low
    end
  end
end

function request()
  local key
  if law == "zipf" then
    at = at + 1
    key = paths[at % #paths + 1]
  elseif law == "uniform" then
    key = math.random(count)
  else
    at = at + 1
    key = at
  end
  return wrk.format("GET", prefix .. key)
end
