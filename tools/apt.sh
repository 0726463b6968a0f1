#!/bin/sh
# apt-get install of one package that is not there yet, with sudo if need be.
set -eu
dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q " installed" && exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1 ||
    { $sudo apt-get update && $sudo apt-get install -y --no-install-recommends "$1"; }
