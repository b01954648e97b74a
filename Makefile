# make repro: from nothing to the report. make review: the page on which people judge rows. make test: the tests. Everything runs in .venv, made from requirements.lock.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export HF_HUB_DISABLE_TELEMETRY := 1
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export TOKENIZERS_PARALLELISM := false
# where the environment forbids it: without compiled modules each of the pipeline's processes starts at half the speed
export PYTHONDONTWRITEBYTECODE :=

.PHONY: repro review test e2e lint mlflow lock clean

repro: .venv/.ready
	finsmith models
	dvc repro
	@echo
	@finsmith summary

review: .venv/.ready
	finsmith review

# on up to four cores, one thread each; a file's tests stay together, for the models and servers they share
test: .venv/.ready
	OMP_NUM_THREADS=1 python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not slow and not gpu"

e2e: .venv/.ready
	python -m pytest -m slow -s

lint: .venv/.ready
	ruff check .
	ruff format --check .
	mypy

mlflow: .venv/.ready
	mlflow ui --backend-store-uri $${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db}

# pins with hashes for every platform and Python >= 3.11; no addresses
lock: .venv/.ready
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --quiet --custom-compile-command "make lock" -o requirements.lock

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "finsmith needs Python >= 3.11; set PYTHON=python3.12")'
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	.venv/bin/uv pip install --python .venv/bin/python --require-hashes -r requirements.lock
	.venv/bin/uv pip install --python .venv/bin/python --no-deps --quiet --editable .
	@touch .venv/.ready

clean:
	rm -rf .venv
