#!/bin/bash
# A 4 GiB disk image of a real Debian 12: GPT, EFI and BIOS boot partitions, ext4 root, a few hundred packages.
# Needs root and debootstrap. Usage: debian.sh IMAGE [SIZE]
set -eu
image=$1 size=${2:-4G}
work=$(mktemp -d "${TMPDIR:-/tmp}/snapsight-debian.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
uuid=5f6c1c1e-2f0a-4d0e-9b52-0f3c5d7f8a11

debootstrap --variant=minbase bookworm "$root" >"$work/log" 2>&1 || { tail -5 "$work/log" >&2; exit 1; }
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"; chmod +x "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c '
  apt-get update -qq &&
  apt-get install -qq -y --no-install-recommends openssh-server nginx git curl build-essential postgresql redis-server vim perl \
    php-cli ruby nodejs npm python3-pip python3-requests linux-image-cloud-amd64 ffmpeg imagemagick' >"$work/log" 2>&1 ||
  { tail -5 "$work/log" >&2; exit 1; }
rm -f "$root/etc/resolv.conf" "$root/usr/sbin/policy-rc.d"
printf 'UUID=%s / ext4 defaults 0 1\nUUID=ABCD-1234 /boot/efi vfat umask=0077 0 1\n' "$uuid" >"$root/etc/fstab"

# The layout of Debian's own cloud images: p1 root, p14 BIOS boot, p15 EFI.
truncate -s "$size" "$image"
sfdisk -q --no-tell-kernel "$image" <<'TABLE'
label: gpt
start=262144, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root, bootable
14: start=2048, size=6144, type=21686148-6449-6E6F-744E-656564454649
15: start=8192, size=253952, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
TABLE
sectors=$(sfdisk --json "$image" | sed -n 's/.*"start": 262144, *//; s/.*"size": *\([0-9]*\),.*/\1/p' | sort -n | tail -1)
mke2fs -q -t ext4 -U "$uuid" -L cloudimg-rootfs -d "$root" -E offset=$((262144 * 512)) "$image" $((sectors / 8 * 4))k
du -h --apparent-size "$image" && du -h "$image"
