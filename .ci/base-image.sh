#!/bin/bash
# base-image.sh NAME: imports an image that holds a shell, a few tools and a Java runtime of this
# machine, so that no registry is needed.
set -euo pipefail
name=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
java_home=$(dirname "$(dirname "$(readlink -f "$(command -v jlink)")")")
mkdir -p "$root"/{etc,tmp,bin,usr/bin,lib,lib64,usr/lib,opt}
chmod 1777 "$root/tmp"
modules=java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.management.rmi
modules+=,java.naming,java.net.http,java.rmi,java.scripting,java.security.jgss,java.security.sasl
modules+=,java.sql,java.xml,jdk.unsupported,jdk.management,jdk.crypto.ec,jdk.zipfs
modules+=,jdk.security.auth,jdk.naming.dns
"$java_home/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
  --compress=1 --output "$root/opt/jre"
tools=(/bin/bash /bin/sh /bin/cat /bin/ls /bin/sleep /usr/bin/env /bin/mkdir /bin/rm /bin/chmod
  /usr/bin/id /usr/bin/getent /bin/hostname)
for tool in "${tools[@]}"; do
  cp -L --parents "$tool" "$root/" 2>/dev/null || cp -L "$tool" "$root/bin/"
done
{
  for tool in "${tools[@]}"; do ldd "$tool" 2>/dev/null || true; done
  find "$root/opt/jre" \( -name '*.so' -o -path '*/bin/*' \) -type f -exec ldd {} + 2>/dev/null || true
} | awk '{ for (i = 1; i <= NF; i++) if ($i ~ "^/(usr/)?lib") print $i }' | grep -v ':$' | sort -u |
  while read -r library; do
    [ ! -f "$library" ] || cp -L --parents "$library" "$root/"
  done
cp -L --parents /lib/x86_64-linux-gnu/libnss_{files,dns}.so.2 /lib/x86_64-linux-gnu/libresolv.so.2 \
  "$root/" 2>/dev/null || true
cp /etc/nsswitch.conf "$root/etc/" 2>/dev/null || echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/root:/bin/bash\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
ln -sf /opt/jre/bin/java "$root/usr/bin/java"
tar -C "$root" -c . | docker import -c 'ENV PATH=/opt/jre/bin:/usr/bin:/bin' - "$name" >/dev/null
