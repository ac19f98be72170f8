#!/usr/bin/env bash
# Builds everything once and runs every test assembly. The last line is the sum: N passed, N failed, N skipped.
#   ./test.sh              all but the slow suites
#   ./test.sh goldens      only the comparisons with the reference (CROSSFORMER_GOLDENS: other goldens than the committed ones)
#   ./test.sh slow         only the slow suites
#   ./test.sh --no-avx512  any of these as on a processor without AVX-512
# CROSSFORMER_SHARED says where the folder with real data is (default ../shared).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }

select=(-trait- "Category=Slow")
for argument in "$@"; do
  case $argument in
    goldens) select=(-trait "Category=Goldens") ;;
    slow) select=(-trait "Category=Slow") ;;
    --no-avx512)
      # .NET 10 reads the first name, earlier releases the second; the others are torch's, oneDNN's and oneMKL's.
      export DOTNET_EnableAVX512=0 DOTNET_EnableAVX512F=0 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 ;;
    *) usage ;;
  esac
done
# Who sets only the name of earlier releases means the same.
[ "${DOTNET_EnableAVX512F:-}" = 0 ] && export DOTNET_EnableAVX512=0

if [ -x build/install-native.sh ]; then
  build/install-native.sh --tests || echo "test.sh: native libraries are missing; the tests that need them will fail" >&2
fi

source build/dotnet.sh
dotnet=$(require_dotnet "$PWD")
# Tests start dotnet and built programs themselves.
export PATH=${dotnet%/*}:$PATH OMP_WAIT_POLICY=PASSIVE
if [ -d "${dotnet%/*}/host/fxr" ]; then export DOTNET_ROOT=${dotnet%/*}; fi

passed=0 failed=0 skipped=0
finish() { echo "$passed passed, $failed failed, $skipped skipped"; exit "$((failed > 0))"; }

if ! dotnet build CrossFormer.slnx -c Release -v quiet -nologo; then
  echo "FAILED: the build"
  failed=1
  finish
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
# One assembly at a time: torch uses every core by itself. A quarter of an hour means that it hangs.
for project in tests/*.Tests; do
  name=${project##*/}
  : >"$report"
  status=0
  timeout 900 "$project/bin/Release/net10.0/$name" -noLogo -noColor -result-xml "$report" "${select[@]}" || status=$?
  summary=$(grep -o -m 1 '<assembly [^>]*>' "$report" | head -n 1 || true)
  count() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$summary"; }
  bad=0
  if [ -n "$summary" ]; then
    passed=$((passed + $(count passed))) skipped=$((skipped + $(count skipped)))
    bad=$(($(count failed) + $(count errors)))
  fi
  # An assembly that dies leaves no report, or dies after writing it: either way that is one failure.
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
    echo "FAILED: $name ended with exit code $status"
    bad=1
  fi
  failed=$((failed + bad))
done
finish
