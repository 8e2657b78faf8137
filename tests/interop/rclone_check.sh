#!/bin/sh
# Uses an S3 endpoint as rclone does, and says what doesn't work.
# Environment: S3_ENDPOINT, S3_KEY, S3_SECRET. Makes one bucket and removes it again.
set -eu

: "${S3_ENDPOINT:?}" "${S3_KEY:?}" "${S3_SECRET:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export RCLONE_CONFIG="$work/none.conf"
export RCLONE_CONFIG_T_TYPE=s3 RCLONE_CONFIG_T_PROVIDER="${S3_PROVIDER:-Other}"
export RCLONE_CONFIG_T_ENDPOINT="$S3_ENDPOINT" RCLONE_CONFIG_T_REGION="${S3_REGION:-nyc3}"
export RCLONE_CONFIG_T_ACCESS_KEY_ID="$S3_KEY" RCLONE_CONFIG_T_SECRET_ACCESS_KEY="$S3_SECRET"
# rclone 1.60 stops at a certificate bundle of the AWS tools.
unset AWS_CA_BUNDLE
: > "$RCLONE_CONFIG"
bucket=t:interop-rclone

fail() {
    echo "FAILED $1" >&2
    exit 1
}

rclone --retries 1 purge "$bucket" 2>/dev/null || true
rclone --retries 1 mkdir "$bucket" || fail "mkdir"
rclone lsd t: | grep -q interop-rclone || fail "the bucket is not listed"

mkdir -p "$work/up/folder/deeper" "$work/up/été 東京"
for n in $(seq 1 40); do
    echo "file $n" > "$work/up/folder/$n.txt"
done
: > "$work/up/empty"
echo odd > "$work/up/été 東京/a+b & c%41.txt"
head -c 23000000 /dev/urandom > "$work/up/folder/deeper/multipart.bin"

rclone --retries 1 --s3-upload-cutoff 8Mi --s3-chunk-size 8Mi sync "$work/up" "$bucket" || fail "upload"
rclone --retries 1 check "$work/up" "$bucket" || fail "check by hash"
rclone --retries 1 check --download "$work/up" "$bucket" || fail "check by content"
rclone --retries 1 sync "$bucket" "$work/down" || fail "download"
diff -r "$work/up" "$work/down" || fail "the round trip changed something"

wanted=$(find "$work/up" -type f | wc -l)
for how in "" --fast-list "--s3-list-chunk 7" "--s3-list-version 1" "--s3-list-version 2"; do
    # shellcheck disable=SC2086
    found=$(rclone --retries 1 $how lsf -R --files-only "$bucket" | wc -l)
    [ "$found" = "$wanted" ] || fail "listing '$how': $found of $wanted"
done

rclone --retries 1 backend versioning "$bucket" Enabled > /dev/null 2>&1 || echo "note: this rclone can't switch versions on"
echo changed > "$work/up/folder/1.txt"
rclone --retries 1 copy "$work/up" "$bucket" || fail "second upload"
versions=$(rclone --retries 1 --s3-versions lsf "$bucket/folder" | grep -c '^1\(-v.*\)\?\.txt$') || true
[ "$versions" -ge 1 ] || fail "versions: $versions"
echo "versions of one file: $versions"

rclone --retries 1 copyto "$bucket/empty" "$bucket/copied" || fail "server-side copy"
rclone --retries 1 deletefile "$bucket/copied" || fail "delete"
[ -z "$(rclone lsf --files-only "$bucket" --include copied)" ] || fail "deleted file is still listed"
rclone --retries 1 --s3-versions purge "$bucket" || rclone --retries 1 backend cleanup-hidden "$bucket" || true
rclone --retries 1 purge "$bucket" 2>/dev/null || true
echo "rclone: all well"
