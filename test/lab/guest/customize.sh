#!/bin/sh
# The last step of the guest's root file system, called by mmdebstrap: kernel and modules without their installation
# scripts (an initial RAM disk of our own replaces Debian's: it boots seconds faster), the lab's own programs, the
# disk image.
# usage: customize.sh ROOT OUTPUT RECIPE
set -eu
root=$1
output=$2
recipe=$3

say() { echo "lab image: $*" >&2; }

say 'fetching the kernel'
mkdir -p "$output/deb"
cd "$output/deb"
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
export APT_CONFIG
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
apt-get download -qq -o APT::Sandbox::User=root "$kernel"
unset APT_CONFIG

say "unpacking $kernel"
version=${kernel#linux-image-}
sed "s|^|--exclude=./lib/modules/$version/kernel/|" "$recipe/left-out-modules.txt" >"$output/excludes"
# --keep-directory-symlink: /lib is a link in a merged /usr.
dpkg-deb --fsys-tarfile ./*.deb |
  tar -x -C "$root" --keep-directory-symlink $(cat "$output/excludes") ./boot ./lib/modules
mv "$root/boot/vmlinuz-$version" "$output/vmlinuz"
mv "$root/boot/config-$version" "$output/kernel-config"
rm -f "$root"/boot/*
chroot "$root" depmod "$version"

say 'making the initial RAM disk'
early=$root/tmp/early
mkdir -p "$early/bin" "$early/dev" "$early/root" "$early/modules"
cp "$root/bin/busybox" "$early/bin/busybox"
install -m 755 "$recipe/early-init.sh" "$early/init"
chroot "$root" modprobe -S "$version" --show-depends -a virtio_pci virtio_blk ext4 crc32c_generic |
  sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' |
  while read -r module; do
    cp "$root$module" "$early/modules/"
    echo "${module##*/}" >>"$early/modules/order"
  done
chroot "$root" sh -c 'cd /tmp/early && find . | /bin/busybox cpio -o -H newc' >"$output/initrd.img"
rm -rf "$early"

say 'making an empty stick'
chroot "$root" mkfs.vfat -C -n LABSTICK -i 5E0C0DE5 /tmp/stick.img 65536 >&2
cp --sparse=always "$root/tmp/stick.img" "$output/stick.img"
rm "$root/tmp/stick.img"

say 'adding the lab'
install -m 755 "$recipe/lab-start.sh" "$root/sbin/lab-start"
install -m 644 "$recipe/inittab" "$root/etc/inittab"
ln -sf /bin/busybox "$root/sbin/init"
echo lab-guest >"$root/etc/hostname"
echo '127.0.0.1 localhost lab-guest' >"$root/etc/hosts"
# A fixed machine id: the computer that an agent enrols is the same in every run.
echo 6c61622d67756573742d73686f756b6f | head -c 32 >"$root/etc/machine-id"
echo >>"$root/etc/machine-id"
rm -rf "$root/var/lib/apt/lists" "$root/var/cache" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
mkdir -p "$root/var/cache"

say 'writing the disk'
# Through a bind mount, which shows the disk alone: the /proc and /sys that stand in it now are the host's.
mkdir "$output/view"
mount --bind "$root" "$output/view"
trap 'umount "$output/view"' EXIT
size=$(du -sm "$output/view" | cut -f 1)
truncate -s "$((size + size / 4 + 192))M" "$output/root.img"
mkfs.ext4 -q -F -L lab-root -E lazy_itable_init=1,lazy_journal_init=1 -d "$output/view" "$output/root.img"
umount "$output/view"
trap - EXIT
rmdir "$output/view"
rm -rf "$output/deb" "$output/excludes"
