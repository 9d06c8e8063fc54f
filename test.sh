#!/bin/bash
# Builds everything, runs every test and a minute of the soak (SOAK=20m for more, SOAK=0 for none): ./test.sh
# As root on Debian it installs what the tests use and the machine lacks (PostgreSQL, Redis, Chromium); without them those tests are skipped.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if nothing failed.
set -euo pipefail
cd "$(dirname "$0")"

# Nothing that was started for the build stays behind.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# No project's tests take near as long; one that does hangs.
limit=1500
log=$(mktemp)
results=$(mktemp -d)
trap 'rm -rf "$log" "$results"' EXIT
say() { printf '%s\n' "$*" >&2; }

# Runs quietly; what it wrote is shown only if it failed.
quietly() {
  if ! "$@" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    say "test.sh: failed: $*"
    return 1
  fi
}

install_missing() {
  local wanted=()
  compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || wanted+=(postgresql)
  command -v redis-server >/dev/null || wanted+=(redis-server)
  command -v chromium >/dev/null || wanted+=(chromium)
  if [ ${#wanted[@]} -eq 0 ]; then return; fi
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "Not installed, so some tests will be skipped: ${wanted[*]}"
    return
  fi

  say "Installing ${wanted[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  # The tests start servers of their own; Debian's packages must neither start one nor make a database now.
  local policy=/usr/sbin/policy-rc.d added=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    added=yes
  fi

  local failed=
  quietly apt-get update -q || failed=yes
  if [ -z "$failed" ] && [[ " ${wanted[*]} " == *" postgresql "* ]] && [ ! -d /etc/postgresql-common ]; then
    quietly apt-get install -qy --no-install-recommends postgresql-common || failed=yes
    sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf || true
  fi

  [ -n "$failed" ] || quietly apt-get install -qy --no-install-recommends "${wanted[@]}" || failed=yes
  [ -z "$added" ] || rm -f "$policy"
  [ -z "$failed" ]
}

# One number of the runner's own result file.
count() { sed -n "s/.*<assembly [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

install_missing

say "Building ..."
quietly dotnet build CacheGateway.sln -c Release --nologo -v minimal
if grep -E ': warning ' "$log" | grep -qvE 'warning NU190[0-4]'; then
  grep -E ': warning ' "$log" >&2
  say "test.sh: the build has warnings"
  exit 1
fi

passed=0 failed=0 skipped=0
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  program="tests/$name/bin/Release/net10.0/$name"
  # These lie there too, and hold no tests.
  case "$name" in Gateway.Benchmarks | Gateway.Soak) continue ;; esac
  say "Testing $name ..."
  code=0
  timeout --kill-after=10 "$limit" "$program" -noLogo -noColor -xml "$results/$name.xml" >"$log" 2>&1 </dev/null || code=$?
  ok=$(count passed "$results/$name.xml" 2>/dev/null || true)
  bad=$(count failed "$results/$name.xml" 2>/dev/null || true)
  errors=$(count errors "$results/$name.xml" 2>/dev/null || true)
  left_out=$(count skipped "$results/$name.xml" 2>/dev/null || true)
  passed=$((passed + ${ok:-0}))
  skipped=$((skipped + ${left_out:-0}))
  wrong=$((${bad:-0} + ${errors:-0}))
  # A runner that dies, is not there or leaves no result has failed, whatever it managed to write.
  if [ "$wrong" -eq 0 ] && { [ "$code" -ne 0 ] || [ -z "$ok" ]; }; then wrong=1; fi
  failed=$((failed + wrong))
  if [ "$wrong" -ne 0 ]; then
    cat "$log" >&2
    say "$name: exit code $code"
  else
    grep -E '\[SKIP\]' "$log" >&2 || true
  fi
done

# Traffic with faults at random, on real gateways and a real Redis; one test more.
soak=${SOAK:-60s}
if [ "$soak" != 0 ] && command -v redis-server >/dev/null; then
  say "Soaking for $soak ..."
  if timeout --kill-after=10 "$limit" tests/Gateway.Soak/bin/Release/net10.0/Gateway.Soak --duration "$soak" --json "$results/soak.json" >"$log" 2>&1 </dev/null; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    cat "$log" >&2
  fi
elif [ "$soak" != 0 ]; then
  skipped=$((skipped + 1))
  say "The soak is skipped: there is no redis-server."
fi

dotnet tools/ResultTable/bin/Release/net10.0/ResultTable.dll "$results" || say "test.sh: the table could not be made"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
