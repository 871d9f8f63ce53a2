#!/usr/bin/env bash
# Whatever is asked for a file that is not there says so in the same words, under the same rule, and
# leaves nothing behind.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_sample "$work/source"
seal "$work/sample.tar.gz" "$work/source"
printf 'filename,dc.title\nminutes.txt,Minutes\n' >"$work/records.csv"
key=$work/keys/maria
maria=$(fingerprint "$key.pub")
mkdir "$work/in"
cd "$work/in"
before=$(listing "$work")

# gone COMMAND...: with "gone.x" among its arguments
gone() {
    expect 5:io.not-found "$*" sealbag "$@"
    one_sentence "one sentence: $*"
    says "gone.x: No such file or directory. Check the name." "it names the file: $*"
    says "sealbag: Cannot open " "in the same words: $*"
    rm -f "$work/out" "$work/err"
    equal "nothing is left: $*" "$before" "$(listing "$work")"
}

# Where a bundle is to be.
for command in verify list show 'show --graph' extract 'custody list' 'trust import' \
    'report -o report.html' 'convert -o new.zip'; do
    # shellcheck disable=SC2086  # several words
    gone $command gone.x
done
gone verify --fast gone.x
gone extract gone.x minutes.txt
gone trust add maria --from gone.x --fingerprint "$maria"
for command in sign seal 'seal -o new.zip' 'sign -o new.tar.gz' 'custody add --event note'; do
    # shellcheck disable=SC2086
    gone $command --key "$key" gone.x
done

# A key, or what else is read.
for command in 'key show' 'key passwd' 'key export --ssh' 'trust add maria' \
    'trust revoke --reason lost --key' "sign $work/sample.tar.gz --key" \
    "seal -o new.zip $work/sample.tar.gz --key" \
    "custody add --event note $work/sample.tar.gz --key" \
    "create -o new.tar.gz $work/source --key" "create -o new.tar.gz $work/source --metadata" \
    "create -o new.tar.gz $work/source --key $key --salt" \
    "create -o new.tar.gz $work/source --key $key --cosigner" \
    "create -o new.tar.gz $work/source --profile" "verify $work/sample.tar.gz --profile" \
    "create -o new.tar.gz $work/source --key $key --passphrase-file" \
    'keygen -o new.key --passphrase-file'; do
    # shellcheck disable=SC2086
    gone $command gone.x
done

# Documents.
gone create -o new.tar.gz --key "$key" gone.x
gone create -o new.tar.gz --key "$key" "$work/source" gone.x
gone privacy gone.x
gone privacy "$work/source" gone.x
gone metadata template -o new.csv gone.x
gone metadata check gone.x "$work/source"
gone metadata check "$work/records.csv" gone.x

# In JSON it is the same rule.
expect 5:io.not-found "verify --json" sealbag verify --json gone.x
check "it is in the JSON, too" grep -qF '"error":{"rule":"io.not-found","sentence":"Cannot open gone.x: ' \
    "$work/out"
