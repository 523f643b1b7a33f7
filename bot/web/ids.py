"""What the numbers and names of our own rows look like in a request: anything else is refused before the store is asked."""

from typing import Annotated

from pydantic import Field

RowId = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""PostgreSQL and SQLite both raise errors for numbers that no row can have."""

FileId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
