#!/bin/busybox sh
# First program of the guest, in the initial RAM disk: loads what the root disk needs, hands over to it.
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do
  /bin/busybox insmod "/modules/$module" || echo "early-init: $module could not be loaded"
done </modules/order
tries=0
until [ -b /dev/vda ]; do
  tries=$((tries + 1))
  [ "$tries" -gt 100 ] && echo 'early-init: there is no /dev/vda' && exec /bin/busybox poweroff -f
  /bin/busybox sleep 0.1
done
/bin/busybox mount -t ext4 -o noatime /dev/vda /root || exec /bin/busybox poweroff -f
exec /bin/busybox switch_root /root /sbin/init
