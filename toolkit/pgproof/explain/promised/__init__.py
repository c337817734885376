"""What the promises of query files ask of a server beyond the service of an index: one question a file.

`node_type` are the nodes of plans by the words that people have for them, `result` the columns that come out,
`attempt` runs what is to be refused, or accepted, `loss` drops an index to see that it is missed, `reading` what a
plan reads.
"""
