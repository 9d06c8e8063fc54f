-- Sends further fields: wrk ... -- "Name: value" ...
function init(args)
  for _, line in ipairs(args) do
    local name, value = line:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
end
