#!/bin/bash
# The same files on XFS: copies the root partition of the image that debian.sh made. Needs root. Usage: xfs.sh DEBIAN-IMAGE IMAGE
set -eu
from=$1 image=$2
offset=$((262144 * 512))
work=$(mktemp -d "${TMPDIR:-/tmp}/snapsight-xfs.XXXXXX")
trap 'for at in from to; do mountpoint -q "$work/$at" && umount "$work/$at"; done; rm -rf "$work"' EXIT
mkdir "$work/from" "$work/to"
truncate -s "$(stat -c %s "$from")" "$image"
uuid=$(blkid -p -O $offset -o value -s UUID "$from")
mkfs.xfs -q -m uuid="$uuid" "$image"
mount -o loop,ro,offset=$offset "$from" "$work/from"
mount -o loop "$image" "$work/to"
cp -a "$work/from/." "$work/to/"
sed -i 's/ ext4 / xfs /' "$work/to/etc/fstab"
