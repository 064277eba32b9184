"""The signer: the one process that holds keys, and how others talk to it."""
