# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154 # lib.sh sets them
# A page in a real browser: source it after lib.sh.  chromium is empty where
# there is none.

chromium=$(command -v chromium || command -v chromium-browser)

# browse SCHEME WIDTH OPTION... PAGE: light (1) or dark (0), so many pixels
# wide, as a person who has never used it; what it has to say goes to
# $work/console.  It asks nobody for anything, and ends.
browse() {
    scheme=$1
    width=$2
    shift 2
    rm -rf "$work/profile"
    HOME=$work timeout 300 "$chromium" --headless --no-sandbox --disable-gpu \
        --disable-quic --disable-dev-shm-usage --no-first-run \
        --disable-background-networking --disable-component-update \
        --disable-sync --user-data-dir="$work/profile" \
        --enable-logging=stderr --window-size="$width,900" \
        --blink-settings=preferredColorScheme="$scheme" "$@" 2>"$work/console"
}

# The page's root element, when its scripts have run; the page is left in
# $work/dom.
drawn() { # drawn WIDTH SCHEME PAGE
    browse "$2" "$1" --dump-dom "file://$3" >"$work/dom"
    grep -o '<html [^>]*>' "$work/dom"
}

# Whether the page's scripts had nothing to say.
is_quiet() { ! grep 'CONSOLE' "$work/console" | sed 's/^/# /' | grep .; }
