"""How each kind of file carries a workflow: `put` writes it in, `take` gives it back; what is shown is not touched.

Both walk the file's own structure and raise Broken where that does not hold; no length that a file tells is trusted.
"""
