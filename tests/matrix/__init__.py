"""Every address as every role: the reviewed table, the rows the addresses name, and the walk."""
