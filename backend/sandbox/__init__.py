"""A confined child for everything untrusted: files that are read now, text and code later.

What it has: a folder, the interpreter and packages to read, standard input and output. What it has not: a network,
other files, other processes, an environment, privileges to gain. Only Linux with user namespaces can: elsewhere
`find_confinement` says so, and who needs one must not go without.
"""
