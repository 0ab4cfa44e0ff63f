#!/bin/bash
# Whether packaging/debian/copyright names each Swift package that is linked into the program.
#
#   packaging/check-copyright.sh .build/release
set -euo pipefail

source=$(cd "$(dirname "$0")" && pwd)
checkouts=$source/../.build/checkouts
lacking=0
while read -r module; do
  for directory in "$checkouts"/*/Sources/"$module"; do
    [ -d "$directory" ] || continue
    package=${directory#"$checkouts"/}
    package=${package%%/*}
    grep -qE "^Files:.*( |/)?$package( |$)" "$source/debian/copyright" || {
      echo "error: packaging/debian/copyright does not name $package ($module is linked)" >&2
      lacking=1
    }
  done
done < <(grep -o '[A-Za-z0-9_]\+\.build/' "$1/tcpstated.product/Objects.LinkFileList" | sed 's#\.build/##' | sort -u)
exit $lacking
