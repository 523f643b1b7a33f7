"""The console of those who work with Shakwa: its routes, each behind one permission of `bot.domain.user.MAY`."""
