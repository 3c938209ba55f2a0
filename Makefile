# make repro   the whole comparison, its verdict and where the report is
# make paper PAPER=batik DATA=path/to/images    a paper's experiment on your copy of its images
# make experiments    those that `dvc exp run` made, with what differs between them
# make test    the tests; pytest -m 'not slow' leaves those out that take minutes
# make lint    ruff
# make lock    requirements*.txt from requirements*.in (needs uv)

PYTHON ?= python3
# For the commands that DVC starts; make 3.81, which Macs have, finds its own without it.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: repro paper experiments test lint lock

repro: .venv/ready
	.venv/bin/dvc repro
	@echo; .venv/bin/python -m stages.show

paper: .venv/ready
	.venv/bin/python -m stages.adopt "$(PAPER)" "$(DATA)"
	.venv/bin/dvc repro
	@echo; .venv/bin/python -m stages.show

experiments: .venv/ready
	.venv/bin/dvc exp show --no-pager --only-changed --hide-workspace --drop 'Created|.*/.*'

# In two processes, a file of tests in one of them.
test: .venv/ready
	.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/ready
	.venv/bin/ruff check
	.venv/bin/ruff format --check

# pip compiles what it installs to bytecode, without which TensorFlow takes twice as long to start.
.venv/ready: requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --require-hashes -r requirements.txt
	touch $@

COMPILE = uv pip compile --universal --generate-hashes --python-version 3.11 --no-header \
  --no-emit-index-url --no-emit-find-links

lock:
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-cluster.in -o requirements-cluster.txt
