"""One router a resource: parse, call one use-case, render. Must not hold any rule of the domain."""
