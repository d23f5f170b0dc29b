#!/bin/sh
# Starts nomad-mcp from a clone, for desktop apps and for people: finds a Node, installs and builds what is missing or has
# changed, and becomes the server. All arguments go to it (tour, call, tools, --demo, --help ...); without any it speaks
# MCP on stdin and stdout.
#
# A desktop app may start this with no environment at all and "/" as the directory, twice at once, on a Mac. So: POSIX sh,
# no GNU options, nothing taken from the environment for granted, and not a byte on stdout, which is the protocol's.
#
# NOMAD_MCP_NODE names the node to use, where the one that would be found is not the right one.

set -u
unset CDPATH
nl='
'
IFS="$nl 	"

need_major=20
need_minor=19

# In front of the absolute places where programs are looked for. The tests put a directory of their own here.
root=

# Hosts wait 60 s for a start; a first `npm ci` on a slow line takes longer.
lock_patience=300

say() {
  printf 'nomad-mcp: %s\n' "$*" >&2
}

die() {
  say "$@"
  exit 1
}

searched=${PATH-}
# For the tools of this script and for npm; a PATH of the caller's still comes first, but for what is empty or relative in
# it: that means the current directory, which is whatever the host made it.
PATH=
rest=$searched:
while [ -n "$rest" ]; do
  folder=${rest%%:*}
  rest=${rest#*:}
  case $folder in /*) PATH=$PATH$folder: ;; esac
done
absolute=$PATH
PATH=$PATH$root/usr/bin:$root/bin:$root/usr/local/bin
export PATH

# --- where we are ----------------------------------------------------------------------------------------------------

script=$0
case $script in
*/*) ;;
*)
  if [ -e "./$script" ]; then
    script=./$script
  else
    script=$(command -v "$script") || die "cannot tell where $0 is; start it by its full path"
  fi
  ;;
esac
while [ -L "$script" ]; do
  # POSIX had no readlink for long, and where there is one, -f is not known to all of them.
  # shellcheck disable=SC2012
  link=$(readlink "$script" 2>/dev/null) || link=$(ls -ld "$script" | sed 's/.* -> //')
  case $link in
  /*) script=$link ;;
  *) script=${script%/*}/$link ;;
  esac
done
clone=$(cd -P -- "${script%/*}/.." && pwd) || die "cannot enter the directory of $script"

# --- a Node ----------------------------------------------------------------------------------------------------------

home=${HOME-}
if [ -z "$home" ]; then
  user=$(id -un 2>/dev/null) || user=
  case $user in
  '' | *[!A-Za-z0-9._-]*) ;;
  *)
    # Only the shell knows everybody's home on every system, and only eval expands a name that is in a variable.
    eval "home=~$user"
    case $home in /*) ;; *) home=$(getent passwd "$user" 2>/dev/null | cut -d: -f6) ;; esac
    ;;
  esac
fi

# What was found out about one node, so that not every start runs it twice: the version that was asked for, its inode and
# its path.
memory=$clone/dist/.node
remembered=
[ -f "$memory" ] && [ ! -L "$memory" ] && IFS= read -r remembered <"$memory"

# Whether $1 is the node that is remembered, unchanged: the memory is newer, and no link leads to another file now. By
# ctime, since an older Node may take the place of a newer one.
is_remembered() {
  inode=${remembered#* }
  inode=${inode%% *}
  [ "$remembered" = "$need_major.$need_minor $inode $1" ] || return 1
  listing=$(LC_ALL=C ls -1tcdiL "$memory" "$1" 2>/dev/null) || return 1
  case ${listing%%"$nl"*} in *" $memory") ;; *) return 1 ;; esac
  case " ${listing#*"$nl"}" in *" $inode $1") return 0 ;; esac
  return 1
}

inode_of() {
  # shellcheck disable=SC2046
  (set -f && set -- $(ls -diL "$1" 2>/dev/null) && echo "${1-}")
}

# For the next start. Of two nodes that are used in turns the first one stays remembered, until the next build.
remember() {
  [ -z "$known" ] && [ -w "$clone/dist" ] || return 0
  path=${remembered#* * }
  case $remembered in *" - $node") return 0 ;; esac
  [ -z "$path" ] || ! is_remembered "$path" || return 0
  # The shims of version managers choose a node at each start, so nothing that was found out about them stays true.
  inode=$(inode_of "$node")
  program=$("$node" -p process.execPath 2>/dev/null </dev/null) && [ "$(inode_of "$program")" = "$inode" ] || inode=-
  rm -f "$memory"
  printf '%s\n' "$need_major.$need_minor ${inode:--} $node" >"$memory"
}

node=
# Not empty where `node` is the one that is remembered.
known=
looked_in=
# The newest that is too old, as a number to compare, and where it is.
old=0
old_version=
old_path=

# Sets `node` if $1 is a Node that will do. One that is named by a relative path would be another one elsewhere.
consider() {
  case $1 in /*) ;; *) return 1 ;; esac
  [ -f "$1" ] && [ -x "$1" ] || return 1
  if is_remembered "$1"; then
    node=$1
    known=1
    return 0
  fi
  # stdin is the host's: nothing but the server may read from it.
  version=$("$1" --version 2>/dev/null </dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case $major$minor in '' | *[!0-9]*) return 1 ;; esac
  if [ "$major" -gt "$need_major" ] || { [ "$major" -eq "$need_major" ] && [ "$minor" -ge "$need_minor" ]; }; then
    node=$1
    return 0
  fi
  if [ $((major * 1000 + minor + 1)) -gt "$old" ]; then
    old=$((major * 1000 + minor + 1))
    old_version=v$version
    old_path=$1
  fi
  return 1
}

note() {
  looked_in="$looked_in
  $1"
}

at() {
  note "$1"
  consider "$1"
}

# The newest that will do of the versions kept in the folders of $1, each with a node at $2. By number: v9 is older than
# v20.
newest_of() {
  note "$1/*/$2"
  found=
  for folder in "$1"/*; do
    name=${folder##*/}
    name=${name#node@}
    name=${name#v}
    case $name in [0-9]*) ;; *) continue ;; esac
    [ -x "$folder/$2" ] && found="$found$name $folder/$2
"
  done
  [ -n "$found" ] || return 1
  while read -r name path; do
    [ -n "$path" ] && consider "$path" && return 0
  done <<EOF
$(printf '%s' "$found" | sort -t . -k 1,1nr -k 2,2nr -k 3,3nr)
EOF
  return 1
}

in_path() {
  note "PATH (${searched:-not set})"
  rest=$absolute
  while [ -n "$rest" ]; do
    folder=${rest%%:*}
    rest=${rest#*:}
    consider "$folder/node" && return 0
  done
  return 1
}

in_home() {
  [ -n "$home" ] || return 1
  newest_of "${NVM_DIR:-$home/.nvm}/versions/node" bin/node ||
    newest_of "${FNM_DIR:-$home/.local/share/fnm}/node-versions" installation/bin/node ||
    newest_of "$home/Library/Application Support/fnm/node-versions" installation/bin/node ||
    newest_of "$home/.fnm/node-versions" installation/bin/node ||
    newest_of "${VOLTA_HOME:-$home/.volta}/tools/image/node" bin/node ||
    newest_of "${ASDF_DATA_DIR:-$home/.asdf}/installs/nodejs" bin/node ||
    newest_of "${MISE_DATA_DIR:-$home/.local/share/mise}/installs/node" bin/node ||
    newest_of "$home/.nodenv/versions" bin/node ||
    at "$home/n/bin/node" ||
    at "$home/.local/bin/node" ||
    at "$home/.nix-profile/bin/node"
}

in_system() {
  at "$root/opt/homebrew/bin/node" ||
    at "$root/usr/local/bin/node" ||
    at "$root/home/linuxbrew/.linuxbrew/bin/node" ||
    newest_of "$root/opt/homebrew/opt" bin/node ||
    newest_of "$root/usr/local/opt" bin/node ||
    newest_of "$root/home/linuxbrew/.linuxbrew/opt" bin/node
}

in_the_rest() {
  at "$root/usr/bin/node" ||
    at "$root/opt/local/bin/node" ||
    at "$root/run/current-system/sw/bin/node" ||
    at "$root/snap/bin/node"
}

if [ -n "${NOMAD_MCP_NODE-}" ]; then
  # Whoever names one wants that one: no other in its place.
  consider "$NOMAD_MCP_NODE" || {
    [ -z "$old_path" ] || die "NOMAD_MCP_NODE=$NOMAD_MCP_NODE is Node $old_version, and >= $need_major.$need_minor is needed"
    die "NOMAD_MCP_NODE=$NOMAD_MCP_NODE is not the absolute path of a Node that runs"
  }
else
  in_path || in_system || in_home || in_the_rest || {
    [ -z "$old_path" ] ||
      die "needs Node >= $need_major.$need_minor, but the newest found is $old_version ($old_path). Install a newer one, or set NOMAD_MCP_NODE to the path of one"
    die "found no Node, and needs one >= $need_major.$need_minor. Looked in:$looked_in
Install it (https://nodejs.org), or set NOMAD_MCP_NODE to the path of a node."
  }
fi
unset NOMAD_MCP_NODE

# --- what is missing -------------------------------------------------------------------------------------------------

server=$clone/dist/nomad-mcp.js
stamp=$clone/dist/.stamp
lock=$clone/dist/.lock
holding=
child=

# `find` with what $@ says on everything that the build reads.
find_sources() {
  cd "$clone" && find ./src ./packages/*/src ./packages/*/package.json ./scripts/build.mjs ./scripts/entry.cjs \
    ./package.json ./package-lock.json ./tsconfig.json ! -name '.*' "$@" 2>/dev/null
}

# Whether nothing has happened to a source, nor to a folder of them, since the stamp was made: it comes first in a list by
# ctime, which nobody can set back, whatever dates a checkout or a copy brings; of the same moment it comes last, by its
# name. Where that cannot be told (no such file, more files than one `ls` takes) the answer is no.
is_untouched() {
  [ -f "$server" ] && [ -f "$stamp" ] && [ ! -L "$stamp" ] || return 1
  listing=$(
    LC_ALL=C
    export LC_ALL
    find_sources -exec ls -1tcd dist/.stamp {} +
  ) || return 1
  case $listing in
  *"$nl"dist/.stamp*) return 1 ;;
  dist/.stamp"$nl"*) return 0 ;;
  esac
  return 1
}

# The content of the sources, as one line.
state() {
  (find_sources -type f -exec cksum {} + | LC_ALL=C sort | cksum)
}

is_built() {
  [ -f "$server" ] && [ -f "$stamp" ] && [ ! -L "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]
}

# Says that what is built is of the state `now`.
put_stamp() {
  rm -f "$stamp"
  printf '%s\n' "$now" >"$stamp"
  # What changed while that was built, or looked at, is older than the stamp: the next start builds again.
  [ "$(state)" = "$now" ] || rm -f "$stamp"
}

# npm leaves a lock file of its own beside what it installed; a pull that brings other packages makes ours the newer one.
# Without esbuild it was an install without what builds.
is_installed() {
  installed=$clone/node_modules/.package-lock.json
  [ -f "$installed" ] && [ -d "$clone/node_modules/esbuild" ] &&
    [ -z "$(find "$clone/package-lock.json" -newer "$installed" 2>/dev/null)" ]
}

# Runs one step with its output on stderr and without the host's stdin, and can be ended with us: a shell that waits for a
# child in the foreground sees a signal only after it.
step() {
  "$@" </dev/null >&2 &
  child=$!
  wait "$child"
  result=$?
  child=
  return "$result"
}

# How the process $1 was started: tells the holder of a lock from one that got its number later. Empty where ps cannot say.
started_as() {
  ps -o args= -p "$1" 2>/dev/null || :
}

holds() {
  kill -0 "$1" 2>/dev/null && [ "$(started_as "$1")" = "$(cat "$lock/args" 2>/dev/null)" ]
}

take() {
  holding=1
  # What is written here must not go where a link leads.
  rm -f "$lock/args" "$lock/pid"
  started_as $$ >"$lock/args" && echo $$ >"$lock/pid"
}

acquire() {
  mkdir -p "$clone/dist" 2>/dev/null
  waited=0
  until mkdir "$lock" 2>/dev/null; do
    [ ! -L "$lock" ] || die "$lock is a link, which this script does not make and does not follow: see who made it, and remove it"
    [ -d "$lock" ] || [ -w "$clone/dist" ] ||
      die "must be built, but $clone is not ours to write to: run $0 --version once as its owner"
    holder=$(cat "$lock/pid" 2>/dev/null) || holder=
    # No number yet is a holder between its first two steps, unless it stays so.
    if { [ -n "$holder" ] && ! holds "$holder"; } || { [ -z "$holder" ] && [ "$waited" -ge 5 ]; }; then
      # Of those who see that the holder is gone, one may take its place, and only if it is still gone then.
      if mkdir "$lock/taken" 2>/dev/null; then
        if [ "$(cat "$lock/pid" 2>/dev/null)" = "$holder" ]; then
          take
          rmdir "$lock/taken"
          return
        fi
        rmdir "$lock/taken"
      fi
    fi
    [ "$waited" -gt 0 ] || say "another start is building (process ${holder:-unknown}), waiting for it"
    [ "$waited" -lt "$lock_patience" ] ||
      die "waited $lock_patience s for another start to build. If there is none, remove $lock"
    sleep 1
    waited=$((waited + 1))
  done
  take
}

release() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$holding" ] || rm -rf "$lock"
  holding=
}

# These two become what they start, so that `kill` in release reaches it.

run_npm() {
  # npm and what it runs start `node` by name. HOME is where npm keeps its cache.
  PATH=${node%/*}:$PATH
  [ -z "$home" ] || HOME=$home
  export PATH HOME
  cd "$clone" || exit 1
  # Development packages are what the build needs, also where NODE_ENV=production.
  exec "$npm" "$@" --include=dev --no-audit --no-fund
}

run_build() {
  cd "$clone" && exec "$node" scripts/build.mjs
}

install() {
  npm=${node%/*}/npm
  # Where `node` is a link, npm stands beside what it points to.
  [ -x "$npm" ] || npm=$("$node" -p 'require("path").dirname(process.execPath)' 2>/dev/null </dev/null)/npm
  [ -x "$npm" ] || npm=$(command -v npm) || die "needs npm to install its packages: none beside $node, none on the PATH"
  say "installing packages"
  if [ -f "$clone/package-lock.json" ]; then
    step run_npm ci && return
    say "npm ci failed, trying npm install"
  fi
  step run_npm install --no-save
}

build() {
  say "building"
  step run_build
}

if ! is_untouched; then
  now=$(state)
  if is_built; then
    # Touched, copied, or changed and changed back.
    [ ! -w "$clone/dist" ] || put_stamp
  else
    trap release EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    acquire
    # Whoever had the lock may have done it all; and what we build is what is there now.
    now=$(state)
    if ! is_built; then
      is_installed || install || die "could not install its packages. To see why: cd '$clone' && npm ci"
      build || die "could not build. To see why: cd '$clone' && npm run build"
      [ -f "$server" ] || die "built, but there is no $server"
      put_stamp
      known=
      remembered=
    fi
    release
    trap - EXIT HUP INT TERM
  fi
fi
remember

exec "$node" "$server" ${1+"$@"}
