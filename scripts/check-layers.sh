#!/bin/sh
# A folder of src may include only itself and folders before it in this list: data flows one way.
set -u
rooms="base linalg random model sample train estimate evaluate theory study claims report cli"
bad=0
allowed=""
for room in $rooms; do
    [ -d "src/$room" ] || { allowed="$allowed $room"; continue; }
    allowed="$allowed $room"
    for file in src/"$room"/*.[ch]; do
        for included in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
            case " $allowed " in
            *" $included "*) ;;
            *) echo "$file: includes $included/, which comes after $room/"; bad=1 ;;
            esac
        done
        if grep -nE '^#include "[^/]*"' "$file"; then echo "$file: includes a header without its folder"; bad=1; fi
    done
    [ "$room" = cli ] || if grep -nE '\b(printf|puts|putchar|exit|abort)\(' src/"$room"/*.c | grep -vE 'snprintf|fprintf\((script|to|file|stream)'; then
        echo "src/$room: prints or exits; only cli/ may"; bad=1
    fi
done
for folder in src/*/; do
    case " $rooms " in *" $(basename "$folder") "*) ;; *) echo "$folder: is not in the list of rooms"; bad=1 ;; esac
done
[ $bad = 0 ] && echo "layers: as docs/design.md draws them"
exit $bad
