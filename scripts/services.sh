#!/usr/bin/env bash
# Private Redis and Postgres for tests and experiments: loopback only, free ports, everything inside DIR.
#   eval "$(scripts/services.sh start DIR)"   starts both and exports their addresses
#   scripts/services.sh stop DIR              ends both; DIR and its data stay until you remove them
# As root the servers run as the user `postgres`, because Postgres refuses to be root.
set -euo pipefail

usage() {
  echo "usage: $0 start|stop DIR"
  echo 'Starts a private Redis and Postgres inside DIR and prints where they are, or stops them.'
}

refuse() {
  echo "services.sh: $*; --help shows what it takes." >&2
  exit 2
}

die() {
  echo "services.sh: $*" >&2
  exit 1
}

as_owner() {
  if [ "$(id -u)" = 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

# Debian keeps the server programs of Postgres off PATH; of several versions take the newest.
postgres_bin() {
  local initdb
  initdb=$(command -v initdb || printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [ -x "$initdb" ] || die 'no Postgres server here (initdb is neither on PATH nor in /usr/lib/postgresql/*/bin)'
  dirname "$initdb"
}

# Both ports are held while they are chosen, so they differ.
free_ports() {
  node --eval '
    const { createServer } = require("node:net")
    const servers = [createServer(), createServer()]
    let listening = 0
    for (const server of servers) server.listen(0, "127.0.0.1", () => {
      if (++listening < servers.length) return
      console.log(servers.map((each) => each.address().port).join(" "))
      for (const each of servers) each.close()
    })'
}

prepare_dir() {
  mkdir -p "$dir"
  [ -z "$(ls -A "$dir")" ] || die "$dir is not empty"
  chmod 700 "$dir"
  if [ "$(id -u)" != 0 ]; then return; fi
  id postgres >/dev/null 2>&1 || die 'as root this needs a user named postgres to run the servers as'
  chown postgres "$dir"
  as_owner test -w "$dir" || die "the user postgres cannot reach $dir: a folder above it is closed to others"
}

start_redis() {
  as_owner redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$dir" \
    --appendonly yes --appendfsync everysec --maxmemory-policy noeviction --save '' \
    --daemonize yes --pidfile "$dir/redis.pid" --logfile "$dir/redis.log" >&2
  for _ in $(seq 100); do
    grep -q 'Ready to accept connections' "$dir/redis.log" 2>/dev/null && return
    sleep 0.1
  done
  cat "$dir/redis.log" >&2 || true
  die 'Redis did not start within 10 s'
}

start_postgres() {
  as_owner "$bin/initdb" --pgdata "$dir/postgres" --username postgres --auth trust --encoding UTF8 --no-locale \
    >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; die 'initdb failed'; }
  local settings="-c port=$pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories="
  settings+=' -c fsync=on -c synchronous_commit=on -c max_connections=200'
  as_owner "$bin/pg_ctl" start --wait --silent --pgdata "$dir/postgres" --log "$dir/postgres.log" \
    --options "$settings" >&2 || { cat "$dir/postgres.log" >&2; die 'Postgres did not start'; }
}

start() {
  command -v redis-server >/dev/null || die 'no redis-server on PATH'
  bin=$(postgres_bin)
  prepare_dir
  cd "$dir" # the caller's folder may be closed to the user postgres
  read -r redis_port pg_port < <(free_ports)
  trap stop EXIT # half a start leaves nothing running
  start_redis
  start_postgres
  trap - EXIT
  echo "export TEST_REDIS_URL=redis://127.0.0.1:$redis_port"
  echo "export TEST_PG_CONN=postgres://postgres@127.0.0.1:$pg_port/postgres"
}

# The command line of a process, empty once it has ended. Slim images have no ps, other systems no /proc.
command_of() {
  if [ -d /proc/self ]; then
    tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null || true
  else
    ps -o args= -p "$1" || true
  fi
}

# A pid file may outlive its process and the pid be reused: end it only if it is still the process we started.
end_process() {
  local pid_file=$1 started_as=$2 signal=$3 pid
  [ -s "$pid_file" ] || return 0
  read -r pid <"$pid_file"
  [[ $(command_of "$pid") == *"$started_as"* ]] || return 0
  kill -s "$signal" "$pid"
  for _ in $(seq 150); do
    [[ $(command_of "$pid") == *"$started_as"* ]] || return 0
    sleep 0.1
  done
  die "$started_as (pid $pid) did not end within 15 s"
}

stop() {
  [ -d "$dir" ] || die "there is no $dir, so nothing in it to stop"
  end_process "$dir/redis.pid" redis-server TERM
  end_process "$dir/postgres/postmaster.pid" "$dir/postgres" INT # INT: end the sessions, then stop cleanly
}

case " $* " in
  *' --help '*)
    usage
    exit 0
    ;;
esac
[ $# = 2 ] || refuse 'give start or stop, and one folder'
case $2 in
  /*) dir=$2 ;;
  *) dir=$PWD/$2 ;;
esac
case $1 in
  start) start ;;
  stop) stop ;;
  *) refuse "it starts and stops, and cannot $1" ;;
esac
