"""Shakwa: an Arabic-first complaint assistant for online shops."""
