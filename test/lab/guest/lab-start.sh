#!/bin/sh
# Brings the guest up, once, before init starts the command channel: file systems, drivers, udev, the one link to the
# console, the disk that keeps the agent's state and the folders shared by the host. Each step is timed on the console.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

step() {
  read -r up _ </proc/uptime
  echo "lab-start $up: $1"
}

mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 shm /dev/shm
mount -t tmpfs -o nosuid,nodev,mode=755 run /run
mount -t tmpfs -o nosuid,nodev,mode=1777 tmp /tmp
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
mount -t bpf -o nosuid,nodev,noexec bpf /sys/fs/bpf
mkdir -p /run/lock /run/udev
hostname -F /etc/hostname
step 'file systems are mounted'

# udev would load these when a device appears; loaded now, a plug costs what it costs on a machine in daily use.
modprobe -a virtio_net virtio_console 9pnet_virtio 9p xhci_pci usb_storage uas sd_mod sr_mod vfat nls_ascii nls_cp437 \
  usbhid hid_generic cdc_ether rndis_host
step 'drivers are loaded'

/lib/systemd/systemd-udevd --daemon
udevadm trigger --type=subsystems --action=add
udevadm trigger --type=devices --action=add --subsystem-match=block --subsystem-match=net --subsystem-match=usb \
  --subsystem-match=virtio --subsystem-match=virtio-ports --subsystem-match=scsi
udevadm settle --timeout=60
step 'udev has settled'

ip link set lo up
for link in /sys/class/net/*; do
  case "$(readlink -f "$link/device/driver")" in
  */virtio_net)
    ip link set "${link##*/}" up
    ip address add 10.0.2.15/24 dev "${link##*/}"
    ;;
  esac
done
step 'the link is up'

# Journalled as on a real computer: what was synced outlives a reset of the machine, the rest may not.
mkdir -p /var/lib/shoukou /etc/shoukou
mount -t ext4 -o noatime /dev/disk/by-id/virtio-lab-state /var/lib/shoukou || step 'THE STATE DISK IS MISSING'
mkdir -p /host /agent
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 host /host || step 'THE SHARED FOLDER IS MISSING'
[ -e /dev/disk/by-id/virtio-lab-agent ] && mount -o ro /dev/disk/by-id/virtio-lab-agent /agent
step 'ready'
