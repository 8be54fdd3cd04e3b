"""The commands of `ovqsim`: a file a command, read when it is asked for."""
