# shellcheck shell=bash
# The inside of script/test-fresh: mounts for the chroot in $machine, then the two commands typed in $checkout.
# Arguments: the environment of the chroot, NAME=VALUE each.
set -euo pipefail
# We are process 1 in here: only signals with a handler reach us, and when we end, everything ends.
trap 'exit 130' INT TERM
# Job control: each background command is a process group of its own, and may be interrupted.
set -m
environment=("$@")
: "${machine:?}" "${checkout:?}" "${serve_only:?}"

mount --make-rprivate /
mount -t proc proc "$machine/proc"
mount -t sysfs -o ro sysfs "$machine/sys"
mount --rbind /dev "$machine/dev"
mount -t tmpfs -o mode=1777 tmpfs "$machine/dev/shm"

inside() { chroot "$machine" env --ignore-environment "${environment[@]}" "$@"; }

free_port() { # a port nobody answers on
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 20000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  return 1
}

port=$(free_port)
environment+=("DANGXIAO_PORT=$port" DANGXIAO_PLAIN_PORT=0 DANGXIAO_MEDIA_PORT=0)

ask() { curl --silent --insecure --fail --max-time 5 --noproxy '*' "https://127.0.0.1:$port$1"; }

# serve_until_ready LIMIT: types the first command, waits until it says it is ready, ends it with Ctrl-C.
serve_until_ready() {
  local limit=$1 started=$SECONDS began child answer took ended
  began=$(date +%s%N)
  inside "$checkout/script/serve" </dev/null &
  child=$!
  until ask /readyz >/dev/null; do
    kill -0 "$child" 2>/dev/null || { wait "$child" || die "script/serve 结束了 / script/serve ended ($?)."; }
    [ $((SECONDS - started)) -lt "$limit" ] || die "script/serve 在 $limit 秒内没有就绪 / was not ready in $limit s."
    sleep 0.1
  done
  took=$((($(date +%s%N) - began) / 1000000))
  say "就绪 · ready after $took ms"
  [ "$took" -lt $((limit * 1000)) ] || die "启动超过 $limit 秒 / the start took more than $limit s."
  answer=$(ask /)
  [[ $answer == *"<script"* ]] || die "没有网页端 / The web client is not served."
  ended=$(date +%s%N)
  # As the terminal does it: to everybody in the foreground group, the media process too.
  kill -INT -- "-$child"
  wait "$child" || die "Ctrl-C 后退出码 / exit code after Ctrl-C: $?"
  ended=$((($(date +%s%N) - ended) / 1000000))
  say "Ctrl-C 后结束 · ended $ended ms after Ctrl-C"
  [ "$ended" -lt 10000 ] || die "结束太慢 / It took too long to end."
  if pgrep -g "$child" >/dev/null; then die "还有进程没有结束 / Some processes are left."; fi
}

say "== script/serve"
serve_until_ready 1200
say "== script/serve, 第二次 · the second time"
serve_until_ready 5
if [ "$serve_only" = yes ]; then exit 0; fi

say "== script/test"
environment=("${environment[@]/DANGXIAO_*/}")
filtered=()
for pair in "${environment[@]}"; do [ -z "$pair" ] || filtered+=("$pair"); done
environment=("${filtered[@]}")
started=$SECONDS
inside "$checkout/script/test"
say "== script/test $((SECONDS - started)) s"
[ $((SECONDS - started)) -le 1500 ] || die "script/test 超过 25 分钟 / took more than 25 minutes."
