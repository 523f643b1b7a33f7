# `make run` starts Shakwa, `make test` runs every test; both bring what they need.
.PHONY: run test install install-dev shell format audit help

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | sort

run: install  ## install, migrate, train if needed, serve on http://127.0.0.1:8000 until Ctrl-C
	@exec .venv/bin/shakwa up

test: install-dev  ## install with test tools and run every test
	@.venv/bin/ruff format --check -q . && .venv/bin/ruff check -q . && .venv/bin/mypy
	@.venv/bin/pytest

shell: install  ## talk to the model in the terminal while `make run` runs
	@.venv/bin/shakwa shell

format: install-dev  ## format the code
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

audit: $(UV)  ## ask the network whether a locked package is known to be vulnerable; .ci/advisories.tsv says what stays, and why
	@$(UV) audit --locked --preview-features audit-command $(foreach id,$(shell grep -o '^GHSA[^[:space:]]*' .ci/advisories.tsv),--ignore $(id))

install: $(UV)
	@$(UV) sync --locked --inexact --no-dev --quiet

install-dev: $(UV)
	@$(UV) sync --locked --inexact --quiet

.uv/bin/uv:
	@echo "Bringing in uv…"
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv
