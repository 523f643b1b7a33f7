"""The gateway: the only public process."""
