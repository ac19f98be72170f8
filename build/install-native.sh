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
  libturbojpeg0:libturbojpeg.so.0       # JPEG as TensorFlow decodes it (src/CrossFormer.Core/Images)
  libmujoco2.2.2:libmujoco.so.2.2.2     # simulated robots (src/CrossFormer.Simulation/MuJoCo)
  libosmesa6:libOSMesa.so.8             # their cameras, without a display (src/CrossFormer.Simulation/Rendering)
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

root_install() { [ "$(id -u)" -eq 0 ] && [ -z "${CROSSFORMER_NATIVE_UNPACK:-}" ]; }
if root_install && ! apt-cache show "${missing[0]}" >/dev/null 2>&1; then apt-get update -qq; fi

# What this system does not carry (MuJoCo 2.2.2 is in Debian 12 only) must not keep the rest away.
names=() status=0
for package in "${missing[@]}"; do
  if name=$(available "$package"); then names+=("$name"); else status=1; fi
done
[ ${#names[@]} -gt 0 ] || exit $status

if root_install; then
  echo "Installing ${names[*]} (apt-get)" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${names[@]}" >&2
  exit $status
fi

# Without root: the packages and what they need and this system lacks, which a simulated installation names.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$native" "$work/unpacked"
needed=$(apt-get install -s -qq --no-install-recommends "${names[@]}" | awk '/^Inst /{print $2}')
# A system that has the package but not where we look (CROSSFORMER_NATIVE_UNPACK) installs nothing.
for name in $(printf '%s\n' $needed "${names[@]}" | sort -u); do
  echo "Unpacking $name into $native" >&2
  (cd "$work" && apt-get download -qq "$name" >&2)
  dpkg -x "$work/${name%%:*}"_*.deb "$work/unpacked/$name"
done
# Flat: the libraries and their version links, side by side; NativeLibraryFinder loads what they need from there too. By renaming, and what
# `present` looks for comes last: whatever is interrupted, the next run does again.
rm -rf "$native/.new"
mkdir "$native/.new"
find "$work/unpacked" -name 'lib*.so*' -exec cp -a {} "$native/.new/" \;
last=()
for entry in "${packages[@]}"; do last+=(! -name "${entry#*:}"); done
find "$native/.new" -mindepth 1 "${last[@]}" -exec mv -f {} "$native/" \;
find "$native/.new" -mindepth 1 -exec mv -f {} "$native/" \;
rmdir "$native/.new"
exit $status
