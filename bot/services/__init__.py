"""What Shakwa can do, as plain verbs. Databases and engines come in through `ports`."""
