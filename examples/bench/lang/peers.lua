-- The work of the scripts beside this file, in Lua: `lua5.4 peers.lua fib` prints the result.
local work = {}

local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
function work.fib() return fib(30) end

function work.iloop()
  local s = 0
  for i = 0, 9999999 do s = (s + i * 3) % 16777216 end
  return s
end

function work.floop()
  local s, i = 0.0, 0
  while i < 10000000 do
    s = s + i * 0.5
    i = i + 1
  end
  return s
end

local function f3(x) return x + 1 end
local function f2(x) return f3(x) + 1 end
local function f1(x) return f2(x) + 1 end
function work.calls()
  local s = 0
  for i = 0, 999999 do s = s + f1(i) end
  return s
end

function work.list()
  local a = {}
  for i = 0, 999999 do a[#a + 1] = i end
  local s = 0
  for _, x in ipairs(a) do s = s + x end
  return s
end

function work.map()
  local m = {}
  for i = 0, 999999 do m["k" .. i] = i end
  local s = 0
  for i = 0, 999999 do s = s + m["k" .. i] end
  return s
end

function work.str()
  local s = ""
  for i = 0, 99999 do s = s .. "piece" .. i .. ";" end
  return #s
end

function work.strj()
  local p = {}
  for i = 0, 99999 do p[#p + 1] = "piece" .. i .. ";" end
  return #table.concat(p)
end

function work.empty() return 0 end

print(work[arg[1]]())
