#!/usr/bin/env bash
# Runs the README's two commands on a machine that has nothing of ours: a new, minimal Debian.
#
#   sudo tests/setup/fresh_machine.sh FOLDER [SUITE [COMMAND...]]
#
# FOLDER is made; it keeps the new system as an archive, with which the next run begins at once.
# SUITE is bookworm (the default) or trixie. The commands are './course grade' and './course test',
# each run as root with CI set, so that what is missing is installed without a question. It needs
# root, debootstrap and a Debian mirror in apt's sources. It is not a part of ./course test: it
# takes minutes and a network.
set -euo pipefail

if [[ $# == 0 || $(id -u) != 0 ]]; then
    sed -n '2,/^set/s/^# \?//p' "$0" >&2
    exit 2
fi
project=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
suite=${2:-bookworm}
shift $(($# < 2 ? $# : 2))
if [[ $# == 0 ]]; then set -- './course grade' './course test'; fi
system=$folder/$suite
archive=$folder/$suite.tar

if [[ ! -e $archive ]]; then
    # shellcheck disable=SC2016  # apt expands this
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Component: main' |
        head -n 1)
    debootstrap --variant=minbase "$suite" "$system.new" "$mirror"
    tar -C "$system.new" --one-file-system -cf "$archive.new" .
    mv "$archive.new" "$archive"
    rm -rf --one-file-system "$system.new"
fi

rm -rf --one-file-system "$system"
mkdir -p "$system"
tar -C "$system" -xpf "$archive"
cp /etc/resolv.conf /etc/hosts "$system/etc"
# Certificates that this machine's administrator added: a proxy may need them.
if [[ -d /usr/local/share/ca-certificates ]]; then
    cp -r /usr/local/share/ca-certificates "$system/usr/local/share/"
fi
mkdir "$system/root/three-kitchens"
# What a clone of the folder would have, with the changes that are not committed yet.
git -C "$project" ls-files --cached --others --exclude-standard -z |
    tar -C "$project" --null --files-from=- --ignore-failed-read -c |
    tar -C "$system/root/three-kitchens" -x

# The mounts are in a namespace of their own: they end with it, and so does every process in it.
# shellcheck disable=SC2016  # the shell inside expands these
inside='mount -t proc proc "$0/proc"
    mount --rbind /dev "$0/dev"
    mount --rbind /sys "$0/sys"
    exec chroot "$0" /usr/bin/env -i HOME=/root TERM=dumb CI=true '"${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=$NODE_EXTRA_CA_CERTS}"' \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        /bin/bash -c "cd /root/three-kitchens && $1"'
for command; do
    printf '\n$ %s\n' "$command"
    start=$SECONDS
    status=0
    unshare --mount --pid --fork --kill-child \
        /bin/bash -ec "$inside" "$system" "$command" </dev/null || status=$?
    printf '(exit status %d, %d s)\n' "$status" $((SECONDS - start))
done
