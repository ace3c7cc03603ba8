"""How a workflow runs: plan, fetch, run, lanes, pool, events, session."""
