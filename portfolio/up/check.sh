#!/usr/bin/env bash
# Everything a machine can hold without running the product. Runs all checks, then says which failed.
set -uo pipefail
export PATH="$PWD/.venv/bin:$PATH" PYTHONWARNINGS=ignore
failed=()

check() {
    local name=$1
    shift
    local output began=$SECONDS
    if output=$("$@" 2>&1 </dev/null); then
        printf '  ok      %s (%d s)\n' "$name" $((SECONDS - began))
    else
        printf '  FAILED  %s\n%s\n' "$name" "$output"
        failed+=("$name")
    fi
}

python_files=(portfolio governance_app tests manage.py)

check "format" ruff format --check "${python_files[@]}"
check "lint" ruff check "${python_files[@]}"
check "types" mypy
check "import contracts" lint-imports
check "migrations" python manage.py makemigrations --check --dry-run
check "templates: lint" djlint --lint --ignore H015,H020,H025,H053 templates
check "templates: compile" python manage.py check --deploy --tag templates
check "no index addresses" python -m pytest -q -p no:cacheprovider -o addopts= --noconftest tests/architecture/test_no_index_addresses.py
check "Dockerfile" hadolint docker/Dockerfile
check "compose file" check-jsonschema --builtin-schema vendor.compose-spec docker/compose.yaml
check "YAML" yamllint --strict --config-file docker/yamllint.yaml docker

if [ ${#failed[@]} -gt 0 ]; then
    printf 'Failed: %s\n' "$(IFS=,; echo "${failed[*]}")" >&2
    exit 1
fi
