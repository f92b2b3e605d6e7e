# What the runners written in sh share: claims, skips, and the closing line that tests/run adds up.
# SPDX-License-Identifier: MIT
#
# A runner sets `suite` and $work, a folder of its own, and sources this. `claim "name" command ...` runs the command;
# what it says is shown only when it fails.

claims_passed=0 claims_failed=0 claims_skipped=0

claim() {
    claim_name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        claims_passed=$((claims_passed + 1))
    else
        claims_failed=$((claims_failed + 1))
        printf 'FAILED: %s: %s\n' "$suite" "$claim_name"
        sed 's/^/    /' "$work/said"
    fi
}

# skip "name" "why": a claim that cannot be tried here.
skip() {
    claims_skipped=$((claims_skipped + 1))
    printf 'SKIPPED: %s: %s: %s\n' "$suite" "$1" "$2"
}

# For what others counted: add_claims PASSED FAILED.
add_claims() {
    claims_passed=$((claims_passed + $1))
    claims_failed=$((claims_failed + $2))
}

refused() {
    ! "$@"
}

has() {
    command -v "$1" >/dev/null 2>&1
}

close_claims() {
    total="$suite: $claims_passed passed, $claims_failed failed"
    [ "$claims_skipped" -eq 0 ] || total="$total, $claims_skipped skipped"
    printf '%s\n' "$total"
    [ "$claims_failed" -eq 0 ]
}
