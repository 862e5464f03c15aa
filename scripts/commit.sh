#!/bin/sh
# Writes the commit that is built as a C header, and only when it has changed. usage: scripts/commit.sh HEADER
# "unknown" outside a git checkout: also in a tarball that was unpacked inside the checkout of something else.
set -eu
commit=unknown
if prefix=$(GIT_OPTIONAL_LOCKS=0 git rev-parse --show-prefix 2>/dev/null) && [ -z "$prefix" ]; then
    commit=$(GIT_OPTIONAL_LOCKS=0 git describe --always --dirty 2>/dev/null) || commit=unknown
fi
line="#define SCL_BUILD_COMMIT \"$commit\""
[ -f "$1" ] && [ "$(cat "$1")" = "$line" ] || printf '%s\n' "$line" >"$1"
