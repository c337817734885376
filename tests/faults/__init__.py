"""Faults, injected for real: processes killed, connections cut, servers stopped, disks filled.

`cluster` and `proxy` are what stands between a migration and its end; `process` and `zygote` run the command as
people do; `story` is what is migrated; `fault` is what happens; `oracle` says whether it was done exactly once.
"""
