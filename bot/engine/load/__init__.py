"""Many shoppers and agents as programs, in front of a real gateway: what `shakwa bench load` runs."""
