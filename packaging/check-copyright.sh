#!/bin/bash
# Whether packaging/debian/copyright names each Swift package that is linked into the program, and each part of one that
# has a licence of its own.
#
#   packaging/check-copyright.sh .build/release
set -euo pipefail

source=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$source/.." && pwd)
checkouts=$repository/.build/checkouts
lacking=0

lacks() {
  echo "error: packaging/debian/copyright does not name $1" >&2
  lacking=1
}

# A list of files goes on in lines that begin with a space.
names() {
  awk '/^[^ ]/ { inside = /^Files:/ } inside' "$source/debian/copyright" | grep -qE "(^| |/)$1( |$)"
}

while read -r module; do
  [ ! -d "$repository/Sources/$module" ] || continue
  directory=$(find "$checkouts" -mindepth 2 -maxdepth 3 -type d \( -path "*/Sources/$module" -o -path "$checkouts/*/$module" \) \
    -print -quit)
  [ -n "$directory" ] || { lacks "$module, and no package has it"; continue; }
  package=${directory#"$checkouts"/}
  package=${package%%/*}
  names "$package" || lacks "$package ($module is linked)"
  # Sources of others within a package, by the name that their directory has.
  case $module in *BoringSSL | CXKCP | CYaml | CNIOLLHTTP) names "[^ ]*$module" || lacks "$module" ;; esac
done < <(grep -o '[A-Za-z0-9_]\+\.build/' "$1/tcpstated.product/Objects.LinkFileList" | sed 's#\.build/##' | sort -u)
exit $lacking
