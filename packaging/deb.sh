#!/bin/bash
# Makes a Debian package of what `make install DESTDIR=TREE` has put into TREE. The same tree gives the same package, to
# the octet.
#
#   packaging/deb.sh TREE DIRECTORY [REVISION]
#
# MAINTAINER="Name <address>" is who answers for it; the address in control.in is nobody's (RFC 2606).
set -euo pipefail
umask 022

source=$(cd "$(dirname "$0")/debian" && pwd)
tree=$1 directory=$2
version=$("$tree/usr/bin/tcpstated" --version)
changelog=$(dpkg-parsechangelog --file "$source/changelog" --show-field Version)
[ "${changelog%-*}" = "$version" ] || {
  echo "error: packaging/debian/changelog is of $changelog, the program of $version" >&2
  exit 1
}
full=$version-${3:-${changelog##*-}}
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(dpkg-parsechangelog --file "$source/changelog" --show-field Timestamp)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
root=$work/root
documents=$root/usr/share/doc/tcpstated
cp -R --no-preserve=ownership,timestamps "$tree" "$root"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/tcpstated"
# It is read, not run.
sed -i '1{/^#!/d}' "$root/usr/share/bash-completion/completions/tcpstated"
find "$root/usr/share/man" -type f -name '*.[0-9]' -exec gzip -9n {} +
install -d "$documents/examples"
install -m 644 "$source/copyright" "$documents/copyright"
gzip -9nc "$source/changelog" >"$documents/changelog.Debian.gz"
install -m 644 "$source"/../../systemd/*.conf "$documents/examples"
install -D -m 644 "$source/lintian-overrides" "$root/usr/share/lintian/overrides/tcpstated"

# What the program is linked with, by package and version. It asks for a source package, which there is none of.
mkdir -p "$work/shlibs/debian"
printf 'Source: tcpstated\n\nPackage: tcpstated\nArchitecture: any\n' >"$work/shlibs/debian/control"
depends=$(cd "$work/shlibs" && dpkg-shlibdeps -O -e"$root/usr/bin/tcpstated" 2>"$work/said") || {
  cat "$work/said" >&2
  exit 1
}
depends=${depends#shlibs:Depends=}

install -d "$root/DEBIAN"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z |
  xargs -0 md5sum >DEBIAN/md5sums)
# In KiB, each file rounded up, as dpkg-gencontrol counts.
size=$(find "$root" -path "$root/DEBIAN" -prune -o -type f -printf '%s\n' -o -printf '1024\n' |
  awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
sed -e "s/@VERSION@/$full/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" -e "s/@DEPENDS@/$depends/" \
  "$source/control.in" >"$root/DEBIAN/control"
[ -z "${MAINTAINER:-}" ] || MAINTAINER=$MAINTAINER perl -pi -e 's/^Maintainer: .*/Maintainer: $ENV{MAINTAINER}/' "$root/DEBIAN/control"
install -m 644 "$source/conffiles" "$root/DEBIAN/conffiles"
install -m 755 "$source/postinst" "$source/prerm" "$source/postrm" "$root/DEBIAN"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$directory"
package=$directory/tcpstated_${full}_$architecture.deb
# Threads divide what is compressed, so that the octets would depend on how many there are.
dpkg-deb --root-owner-group --threads-max=1 "-Z${COMPRESSION:-xz}" --build "$root" "$package" >/dev/null
echo "$package"
