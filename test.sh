#!/usr/bin/env bash
# Builds and runs every test project. `./test.sh goldens` runs only the comparisons with the reference.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_WAIT_POLICY=PASSIVE
dotnet build CrossFormer.slnx -c Release -v quiet
args=()
[ "${1:-}" = goldens ] && args=(-trait "Category=Goldens")
passed=0 failed=0 skipped=0 status=0
for project in tests/*.Tests; do
  name=$(basename "$project")
  log=$(mktemp)
  "$project/bin/Release/net10.0/$name" -noColor "${args[@]}" | tee "$log" || status=1
  summary=$(grep -E "Total: [0-9]+, Errors:" "$log" | tail -n 1)
  number() { sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$summary"; }
  total=$(number Total) f=$(( $(number Failed) + $(number Errors) )) s=$(number Skipped)
  passed=$((passed + total - f - s)) failed=$((failed + f)) skipped=$((skipped + s))
  rm -f "$log"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$status" -eq 0 ]
