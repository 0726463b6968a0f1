#!/bin/sh
# Install what is missing of tools/packages.txt with apt-get. usage: deps.sh build|lint|list ...
# With `check`, only names what is missing (exit 1) and says what to do.
set -eu
here=$(dirname "$0")
mode=$1
kinds=${2:-build}
wanted=$(awk -v kinds=" $kinds " '!/^#/ && NF && index(kinds, " " $1 " ") {print $2}' "$here/packages.txt")

missing=
for p in $wanted; do
    state=$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null || true)
    case $state in *" installed") ;; *) missing="$missing $p" ;; esac
done

[ -n "$missing" ] || exit 0
if [ "$mode" = check ]; then
    echo "missing:$missing"
    echo "run: make deps   (it installs them with apt-get)"
    exit 1
fi
command -v apt-get >/dev/null || {
    echo "no apt-get here; install what stands for:$missing" >&2
    exit 1
}
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "not root and no sudo; as root: apt-get install$missing" >&2
        exit 1
    }
    sudo=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
install() { $sudo apt-get install -y --no-install-recommends $missing; }
install >/dev/null 2>&1 || { $sudo apt-get update && install; }
