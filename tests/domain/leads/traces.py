"""What of a stored trace is the decision: the facts it rested on stand in the same rows."""

ROW = ("partner", "in", "why", "before", "after")


def decision_of(trace):
    told = {key: trace[key] for key in trace if key not in {"request", "area", "version"}}
    rows = [{key: row[key] for key in ROW if key in row} for row in trace["candidates"]]
    return told | {"candidates": rows}
