"""The store: conversations, turns, drafts, complaints. SQLite by default, PostgreSQL when it grows."""
