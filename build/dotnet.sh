# Sourced by ./crossformer and ./test.sh: finds the .NET SDK that global.json asks for, or installs it beside the sources.

export DOTNET_CLI_TELEMETRY_OPTOUT=${DOTNET_CLI_TELEMETRY_OPTOUT:-1} DOTNET_NOLOGO=${DOTNET_NOLOGO:-1}

# Prints the path of a dotnet whose SDK global.json accepts; fails when there is none. `dotnet --version` applies
# global.json's own rules, so they are written nowhere else.
find_dotnet() {
  local root=$1 candidate
  for candidate in "$(command -v dotnet || true)" "$root/.dotnet/dotnet"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && (cd "$root" && "$candidate" --version) >/dev/null 2>&1; then
      readlink -f "$candidate"
      return
    fi
  done
  return 1
}

# Installs the SDK into .dotnet/ with Microsoft's script. CROSSFORMER_DOTNET_INSTALL names another address or a local file.
install_dotnet() {
  local root=$1 source=${CROSSFORMER_DOTNET_INSTALL:-https://dot.net/v1/dotnet-install.sh} script
  echo "crossformer: no .NET SDK here fits global.json; installing one into $root/.dotnet with $source" >&2
  mkdir -p "$root/.dotnet"
  if [ -f "$source" ]; then
    script=$source
  else
    script=$root/.dotnet/dotnet-install.sh
    if ! { curl -fsSL --retry 2 -o "$script" "$source" || wget -qO "$script" "$source"; } 2>/dev/null; then
      rm -f "$script"
      echo "crossformer: could not download $source; install the SDK of global.json (https://dotnet.microsoft.com/download)" \
        "or set CROSSFORMER_DOTNET_INSTALL to a copy of dotnet-install.sh" >&2
      return 1
    fi
  fi
  if ! bash "$script" --jsonfile "$root/global.json" --install-dir "$root/.dotnet" --no-path >&2; then
    echo "crossformer: $source failed; install the SDK of global.json (https://dotnet.microsoft.com/download)" >&2
    return 1
  fi
}

# Prints the path of a fitting dotnet, installing one if need be.
require_dotnet() {
  find_dotnet "$1" && return
  install_dotnet "$1" || return 1
  find_dotnet "$1" && return
  echo "crossformer: the SDK installed into $1/.dotnet still does not fit global.json" >&2
  return 1
}
