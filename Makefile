# make repro   the whole comparison, and its table
# make test    the tests
# make lint    ruff
# make lock    requirements.txt from requirements.in (needs uv)

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: repro test lint lock

repro: .venv/ready
	dvc repro
	@echo; cat metrics/comparison.md

test: .venv/ready
	pytest

lint: .venv/ready
	ruff check
	ruff format --check

# pip compiles what it installs to bytecode, without which TensorFlow takes twice as long to start.
.venv/ready: requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --require-hashes -r requirements.txt
	touch $@

lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header \
	  --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
