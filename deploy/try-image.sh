#!/bin/sh
# Whether an image of the Dockerfile works as it is meant to run: as another user than root, with nothing to write to and no
# capabilities. The workflows start it; it needs Docker.
set -eu
image=$1
guard="--read-only --cap-drop ALL --security-opt no-new-privileges"

test "$(docker inspect --format '{{.Config.User}}' "$image")" = node

# shellcheck disable=SC2086
answer=$(printf '%s\n' \
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"try","version":"1"}}}' |
  docker run --rm -i $guard "$image" --demo)
case $answer in *'"serverInfo"'*) ;; *) echo "no answer over stdio: $answer" >&2 && exit 1 ;; esac

# shellcheck disable=SC2086
id=$(docker run -d $guard "$image" serve --demo)
trap 'docker rm -f "$id" >/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  state=$(docker inspect --format '{{.State.Health.Status}}' "$id")
  [ "$state" != healthy ] || break
  sleep 2
done
[ "$state" = healthy ] || { docker logs "$id" && echo "it is $state" && exit 1; } >&2
echo "$image works"
