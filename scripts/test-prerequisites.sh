#!/bin/sh
# What the tests need of the machine, beside Node. On Debian and as root it installs what is missing; elsewhere it says what is
# missing and which tests skip themselves. With CI=true whatever is still missing is an error: CI skips nothing.
#
#   sh scripts/test-prerequisites.sh [bench]     bench: also the peers that `npm run bench` compares with

cd "$(dirname "$0")/.." || exit 1
PATH=$PATH:/usr/sbin:/sbin

# program, Debian package, the tests that need it
needed="git git everything that touches a repository
zsh zsh orders with zsh scripts, syntax checks, completion
fish fish completion
rsync rsync damage by an older copy
python3 python3 syntax checks of Python"
if [ "$(uname)" = Linux ]; then
  needed="$needed
setpriv util-linux permissions: a child under an unprivileged user
script bsdutils what is shown on a terminal
mkfs.ext4 e2fsprogs full disks and mounts
mount mount full disks and mounts
systemd-analyze systemd services under a real user manager"
fi
if ls test/e2e/*.test.ts >/dev/null 2>&1; then
  needed="$needed
chromium chromium the page, in a browser"
fi
if [ "$1" = bench ]; then
  needed="$needed
restic restic the peer of first snapshot, restore
borg borgbackup the peer of first snapshot"
fi

missing() {
  printf '%s\n' "$needed" | while read -r program package tests; do
    command -v "$program" >/dev/null 2>&1 || printf '%s %s %s\n' "$program" "$package" "$tests"
  done
}

lacking=$(missing)
[ -z "$lacking" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  packages=$(printf '%s\n' "$lacking" | cut -d ' ' -f 2 | sort -u | tr '\n' ' ')
  printf 'installing for the tests: %s\n' "$packages" >&2
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  apt="apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120"
  for attempt in 1 2 3; do
    # shellcheck disable=SC2086 # Both are lists of words.
    if $apt update </dev/null >"$log" 2>&1 && $apt install --no-install-recommends $packages </dev/null >>"$log" 2>&1; then break; fi
    printf 'attempt %s failed: %s\n' "$attempt" "$(tail -n 1 "$log")" >&2
    sleep "$attempt"
  done
  rm -f "$log"
  lacking=$(missing)
fi

[ -z "$lacking" ] && exit 0
printf '%s\n' "$lacking" | while read -r program package tests; do
  printf 'missing: %s (Debian: %s) – skipped without it: %s\n' "$program" "$package" "$tests" >&2
done
[ "$CI" = true ] && exit 1
exit 0
