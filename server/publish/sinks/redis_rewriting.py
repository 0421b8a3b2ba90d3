"""Takes erased texts out of a Redis stream: entries cannot be changed, so the stream is written anew and put in the place of the old.

One script does it, so no reader sees anything in between. Every entry keeps its id; consumer groups keep their place and what each consumer has
not acknowledged. Where nothing is to be changed nothing is written. A million entries hold Redis up for a few seconds; erasures are rare.
"""

REWRITE = """
local stream, fresh, page = KEYS[1], KEYS[2], 1000
if redis.call('EXISTS', stream) == 0 then return 0 end
local told = {}
for i = 1, #ARGV, 2 do told[ARGV[i]] = ARGV[i + 1] end

local function each(visit)
    local from = '-'
    while true do
        local entries = redis.call('XRANGE', stream, from, '+', 'COUNT', page)
        for _, entry in ipairs(entries) do visit(entry[1], entry[2]) end
        if #entries < page then return end
        from = '(' .. entries[#entries][1]
    end
end

local function replaced(fields)
    local id, place
    for i = 1, #fields, 2 do
        if fields[i] == 'id' then id = fields[i + 1] elseif fields[i] == 'event' then place = i + 1 end
    end
    local text = id and place and told[id]
    if not text or text == fields[place] then return false end
    fields[place] = text
    return true
end

local changes = 0
each(function(_, fields) if replaced(fields) then changes = changes + 1 end end)
if changes == 0 then return 0 end

local function by_name(flat)
    local found = {}
    for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
    return found
end

redis.call('DEL', fresh)
each(function(id, fields)
    replaced(fields)
    redis.call('XADD', fresh, id, unpack(fields))
end)
local info = by_name(redis.call('XINFO', 'STREAM', stream))
redis.call('XSETID', fresh, info['last-generated-id'], 'ENTRIESADDED', info['entries-added'], 'MAXDELETEDID', info['max-deleted-entry-id'])
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = by_name(flat)
    local create = {'XGROUP', 'CREATE', fresh, group['name'], group['last-delivered-id']}
    if group['entries-read'] then
        create[#create + 1] = 'ENTRIESREAD'
        create[#create + 1] = group['entries-read']
    end
    redis.call(unpack(create))
    local from = '-'
    while true do
        local waiting = redis.call('XPENDING', stream, group['name'], from, '+', page)
        for _, one in ipairs(waiting) do
            redis.call('XCLAIM', fresh, group['name'], one[2], 0, one[1], 'IDLE', one[3], 'RETRYCOUNT', one[4], 'FORCE', 'JUSTID')
        end
        if #waiting < page then break end
        from = '(' .. waiting[#waiting][1]
    end
end
redis.call('RENAME', fresh, stream)
return changes
"""
"""KEYS: the stream, a name for the new one (of the same hash tag). ARGV: (event id, what it is told as now) each. Returns how many changed."""
