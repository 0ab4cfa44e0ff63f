#!/bin/bash
# Makes a tarball of what `make install DESTDIR=TREE` has put into TREE, for systems without dpkg. Swift and all Swift
# packages are linked into the program; which shared libraries it still needs is in its README. The same tree gives the
# same tarball, to the octet.
#
#   packaging/tarball.sh TREE DIRECTORY
set -euo pipefail
umask 022

source=$(cd "$(dirname "$0")" && pwd)
tree=$1 directory=$2
version=$("$tree/usr/bin/tcpstated" --version)
name=tcpstated-$version-linux-$(uname -m)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(dpkg-parsechangelog --file "$source/debian/changelog" --show-field Timestamp)}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
root=$work/$name
mkdir "$root"
cp -R --no-preserve=ownership,timestamps "$tree/." "$root"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/tcpstated"
install -m 644 "$source/debian/copyright" "$root/COPYRIGHT"
install -D -m 644 -t "$root/usr/share/doc/tcpstated/examples" "$source"/../systemd/*.conf
# Those that it names itself; the loader is where the kernel looks for it.
libraries=$(objdump -p "$root/usr/bin/tcpstated" | awk '$1 == "NEEDED" && $2 !~ /^ld-/ { print "  " $2 }' | LC_ALL=C sort)
needs=$(objdump -T "$root/usr/bin/tcpstated" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
cat >"$root/README" <<TEXT
tcpstated $version for Linux on $(uname -m)

The program is usr/bin/tcpstated and needs no installation: ./usr/bin/tcpstated analyze trace.pcap
To install all of it, with unit, configuration, manual and completions:

  cp -R --no-clobber etc lib usr / && systemctl daemon-reload && systemctl enable --now tcpstated

Swift, its standard library and all Swift packages are within the program. It needs these shared libraries of the
system, and what those need (glibc of version ${needs#GLIBC_} or later; libpcap is in the package libpcap0.8 or libpcap):

$libraries
TEXT
mkdir -p "$directory"
tar --create --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --format=gnu "$name" | gzip -9n >"$directory/$name.tar.gz"
echo "$directory/$name.tar.gz"
