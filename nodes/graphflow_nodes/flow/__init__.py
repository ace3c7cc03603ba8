"""Flow: loops, branches and lists. Loops are nodes; the graph stays free of cycles."""

LIBRARIES: tuple[str, ...] = ()
