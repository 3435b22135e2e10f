# shellcheck shell=bash
# Sourced by the scripts: finds Python and installs system packages where that is allowed.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# ---- system packages (Debian and its family) ----

can_install() { command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

# apt_install PACKAGE… ; returns non-zero when it cannot, and says why.
apt_install() {
  if ! can_install; then
    say "缺少系统软件包，请先运行 / Missing system packages, please run first:  sudo apt-get install --yes $*"
    return 1
  fi
  say "系统软件包 · System packages: $*"
  local log
  log=$(mktemp)
  if ! { as_root apt-get update --quiet && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    say "apt-get 没有成功 / apt-get failed:  apt-get install --yes $*"
    return 1
  fi
  rm -f "$log"
}

# ---- Python ----

recent_enough() {
  command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# The system's own first: its version is the one that its packages serve.
find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    if recent_enough "$name"; then
      PYTHON=$name
      return 0
    fi
  done
  return 1
}

has_venv() { "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

# The Debian package that holds venv for $PYTHON.
venv_package() {
  if [ "$PYTHON" = python3 ]; then echo python3-venv; else echo "${PYTHON##*/}-venv"; fi
}

# Sets PYTHON to a Python >= 3.11 that can make virtual environments, or ends the script with one sentence.
require_python() {
  if ! find_python; then
    if command -v python3 >/dev/null; then
      die "需要 Python 3.11 或更新版本，这里是 $(python3 --version 2>&1) / Python 3.11 or newer is needed, this is $(python3 --version 2>&1)."
    fi
    apt_install python3 python3-venv ||
      die "没有找到 Python，需要 3.11 或更新版本 / No Python found: 3.11 or newer is needed."
    find_python || die "需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed; the system's package is older."
  fi
  if ! has_venv; then
    apt_install "$(venv_package)" ||
      die "Python 缺少 venv / This Python lacks venv. Debian, Ubuntu:  sudo apt-get install --yes $(venv_package)"
    has_venv || die "Python 缺少 venv / $PYTHON lacks the modules venv and ensurepip."
  fi
}

# ---- what the browser tests need ----

# Sets and exports CHROMIUM, where the tests look first. Ubuntu's chromium-browser is a stub that sends one to snap:
# only a program that tells its version counts.
find_browser() {
  local name
  for name in ${CHROMIUM:-} chromium chromium-browser google-chrome-stable google-chrome; do
    if command -v "$name" >/dev/null && "$name" --version 2>/dev/null | grep -qiE 'chrom(e|ium) [0-9]'; then
      CHROMIUM=$(command -v "$name")
      export CHROMIUM
      return 0
    fi
  done
  return 1
}

# Likewise FIREFOX, which the tests drive by WebDriver BiDi. On Ubuntu `firefox` is such a stub, too.
find_firefox() {
  local name
  for name in ${FIREFOX:-} firefox-esr firefox; do
    if command -v "$name" >/dev/null && "$name" --version 2>/dev/null | grep -qE 'Firefox [0-9]'; then
      FIREFOX=$(command -v "$name")
      export FIREFOX
      return 0
    fi
  done
  return 1
}

# What tests/servers/namespaces.py needs. Only root may make namespaces; elsewhere its tests skip and say so.
has_namespace_tools() { (PATH="$PATH:/usr/sbin:/sbin"; command -v ip && command -v tc && command -v nft) >/dev/null; }

has_chinese_font() {
  if command -v fc-list >/dev/null; then
    [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]
  else
    compgen -G '/usr/share/fonts/*/noto/NotoSansCJK*' >/dev/null
  fi
}

# has_library NAME: whether the dynamic linker finds it. Its own tool is not in everybody's PATH.
has_library() { PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null | grep -qF "$1 "; }
