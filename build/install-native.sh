#!/usr/bin/env bash
# Gets the native libraries that no NuGet package brings. As root: apt-get install. Else: unpacked into .native/ of the
# repository, where CrossFormer looks before the system's folders. Does nothing, quickly, when all are there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
native="$root/.native"

# The tests decode videos. For everyone else ffmpeg is optional: whoever converts a video without it is told to install it.
if [ "${1:-}" = --tests ]; then
  shift
  if command -v ffmpeg >/dev/null; then
    :
  elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-cache show ffmpeg >/dev/null 2>&1 || apt-get update -qq
    echo "Installing ffmpeg (apt-get)" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg >&2
  else
    echo "install-native.sh: the tests decode videos; as root: apt-get install -y --no-install-recommends ffmpeg" >&2
  fi
fi

# Debian package : library that it brings. One line each; `install-native.sh NAME…` gets only the packages named.
packages=(
  libturbojpeg0:libturbojpeg.so.0     # JPEG as TensorFlow decodes it (src/CrossFormer.Core/Images)
)

present() {
  [ -e "$native/$1" ] && return 0
  # Not `ldconfig -p | grep -q`: grep's early exit would fail the pipe under pipefail.
  local known
  known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
  [[ $known == *"$1 "* ]]
}

# Ubuntu names TurboJPEG's package libturbojpeg since 18.04.
available() {
  apt-cache show "$1" >/dev/null 2>&1 && { echo "$1"; return; }
  apt-cache show "${1%0}" >/dev/null 2>&1 && { echo "${1%0}"; return; }
  echo "install-native.sh: apt knows no package '$1' (tried '${1%0}' too)." >&2
  return 1
}

missing=()
for entry in "${packages[@]}"; do
  package=${entry%%:*} library=${entry#*:}
  [ $# -eq 0 ] || [[ " $* " == *" $package "* ]] || continue
  present "$library" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "install-native.sh: no apt-get here. Install by hand: ${missing[*]} (or put the libraries into $native)." >&2
  exit 1
fi

if [ "$(id -u)" -eq 0 ] && [ -z "${CROSSFORMER_NATIVE_UNPACK:-}" ]; then
  apt-cache show "${missing[0]}" >/dev/null 2>&1 || apt-get update -qq
  names=()
  for package in "${missing[@]}"; do names+=("$(available "$package")"); done
  echo "Installing ${names[*]} (apt-get)" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${names[@]}" >&2
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$native"
for package in "${missing[@]}"; do
  name=$(available "$package")
  echo "Unpacking $name into $native" >&2
  (cd "$work" && apt-get download -qq "$name" >&2)
  dpkg -x "$work"/"$name"_*.deb "$work/$name"
  # Flat: the libraries and their version links, side by side.
  find "$work/$name" -name 'lib*.so*' -exec cp -a {} "$native/" \;
done
