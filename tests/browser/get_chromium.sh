#!/bin/sh
# Prints the path of a Chromium, getting one when there is none. Usage: get_chromium.sh [PYTHON with playwright]
# Looked for in this order: $CHROMIUM, the PATH, the usual places on macOS, what playwright has fetched before.
# The headless shell is Chromium without its windows: a page costs it a third less.
# Got from: apt on Debian and its kin, else `playwright install`. Everything but the path goes to stderr.
set -eu
python=${1:-python3}

find_chromium() {
  for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "${HOME:-}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "$("$python" -c 'from playwright.sync_api import sync_playwright as start
with start() as playwright: print(playwright.chromium.executable_path)' 2>/dev/null || true)"; do
    if [ -n "$name" ] && command -v "$name" 2>/dev/null; then return 0; fi
  done
  return 1
}

get_by_apt() {
  command -v apt-get >/dev/null 2>&1 || return 1
  # The dummy package of Ubuntu only points to a snap, which cannot be driven from outside.
  ! grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null || return 1
  as_root=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || return 1
    as_root=sudo
  fi
  $as_root apt-get -q update >&2 </dev/null &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install \
      "$1" fonts-dejavu-core fonts-liberation >&2 </dev/null
}

find_chromium && exit 0
echo "No Chromium found; getting one for the browser tests." >&2
get_by_apt chromium-headless-shell || get_by_apt chromium || "$python" -m playwright install chromium >&2 </dev/null || true
find_chromium || {
  echo "Could not get Chromium. Install it, or set CHROMIUM=/path/to/chromium." >&2
  exit 1
}
