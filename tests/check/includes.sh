#!/usr/bin/env bash
# Holds the rooms apart (CONTRIBUTING.md, "How the code is laid out"): what a file may include, and
# the fences: which library, clock, environment, terminal, exit and output may be used where.
# First it proves on a tree made for it that each rule can fail.
set -euo pipefail

source_dir=${SEALBAG_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints one line for each violation in the sources below $1/src.
violations() {
    (cd "$1" && find src -type f -name '*.[ch]' -print | LC_ALL=C sort) >"$scratch/files"
    (cd "$1" && xargs -r awk -f "$scratch/rules.awk" <"$scratch/files")
}

cat >"$scratch/rules.awk" <<'AWK'
BEGIN {
    rooms["base"] = ""
    rooms["hash"] = "base"
    rooms["sign"] = "hash base"
    rooms["container"] = "hash base"
    rooms["bag"] = "hash base"
    rooms["record"] = "hash base"
    rooms["privacy"] = "base"
    rooms["op"] = "bag container record sign privacy hash base"
    rooms["report"] = "base"
    rooms["cli"] = "op report base"

    # header pattern, files that may include it
    fence("^sodium(\\.h$|/)", "^src/(hash|sign)/")
    fence("^openssl/", "^src/(hash/digest\\.c|sign/timestamp[^/]*)$")
    fence("^(zconf|zstd|zstd_errors|isa-l|igzip_lib)\\.h$|^isa-l/", "^src/container/")
    fence("^(archive|archive_entry)\\.h$", "^src/(container/|privacy/office\\.c$)")
    fence("^zlib\\.h$", "^src/(container/|privacy/png\\.c$)")
    fence("^libexif/", "^src/privacy/maker_notes\\.c$")
    fence("^expat", "^src/privacy/xml\\.c$")
    fence("^(qpdf/|dlfcn\\.h$)", "^src/privacy/pdf\\.c$")
    fence("^(seccomp|linux/(landlock|seccomp))\\.h$", "^src/base/sandbox\\.c$")
    fence("^utf8proc\\.h$", "^src/bag/twins\\.c$")
    fence("^jansson\\.h$", "^src/bag/profile_read\\.c$")
    fence("^qrencode\\.h$", "^src/report/qr\\.c$")
    fence("^(pthread|threads)\\.h$", "^src/base/pool[^/]*$")
    fence("^termios\\.h$", "^src/cli/")
    fence("^sys/ioctl\\.h$", "^src/(cli/|base/copy\\.c$)")
    fence("^linux/fs\\.h$", "^src/base/copy\\.c$")

    # A call is a name that no letter, dot or arrow precedes, and a parenthesis.
    clock = call("time|clock|clock_gettime|clock_getres|gettimeofday|timespec_get|ftime|times|" \
                 "localtime|localtime_r|mktime|tzset|strftime")
    environment = call("getenv|secure_getenv|setenv|unsetenv|putenv|clearenv|setlocale")
    terminal = call("isatty|ttyname|ttyname_r|ctermid|getpass|tcgetattr|tcsetattr|ioctl")
    ending = call("exit|_exit|_Exit|quick_exit|abort|atexit|raise|err|errx|verr|verrx")
    output = call("printf|vprintf|puts|putchar|putchar_unlocked|perror|psignal|warn|warnx|vwarn")
    secret = call("sodium_malloc|sodium_allocarray|sodium_free")
    threads = call("pthread_[a-z_]+|thrd_[a-z_]+|mtx_[a-z_]+|cnd_[a-z_]+|tss_[a-z_]+")
}

function fence(header, files) {
    fences++
    fence_header[fences] = header
    fence_files[fences] = files
}

function call(names) {
    return "(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\("
}

function bad(sentence) {
    print FILENAME ":" FNR ": " sentence
}

# The line without comments and with empty string and character literals.
function code_of(line,    out, i, c, two, quote) {
    out = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") {
                in_comment = 0
                i++
            }
        } else if (quote != "") {
            if (c == "\\")
                i++
            else if (c == quote) {
                quote = ""
                out = out c
            }
        } else if (two == "/*") {
            in_comment = 1
            out = out " "
            i++
        } else if (two == "//") {
            break
        } else {
            if (c == "\"" || c == "'")
                quote = c
            out = out c
        }
    }
    return out
}

function check_include(line,    name, target, i) {
    name = line
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
    if (substr(name, 1, 1) == "\"") {
        name = substr(name, 2)
        sub(/".*/, "", name)
        if (name ~ /^\/|(^|\/)\.\.?(\/|$)/)
            bad("the include \"" name "\" does not start at a room")
        target = name
        if (!sub(/\/.*/, "", target))
            target = room
        if (target != room && !(target in rooms))
            bad("the include \"" name "\" names no known room")
        else if (target != room && index(" " rooms[room] " ", " " target " ") == 0)
            bad("the room " room " must not include from " target)
    } else if (substr(name, 1, 1) == "<") {
        name = substr(name, 2)
        sub(/>.*/, "", name)
        if (name ~ /^(base|hash|sign|container|bag|record|privacy|op|report|cli)\//)
            bad("a header of a room is included with <" name "> instead of quotes")
        for (i = 1; i <= fences; i++)
            if (name ~ fence_header[i] && FILENAME !~ fence_files[i])
                bad("<" name "> is not used in this place")
    } else
        bad("an include that is not written out cannot be checked")
}

FNR == 1 {
    in_comment = 0
    split(FILENAME, part, "/")
    room = part[2]
    if (!(room in rooms)) {
        bad("there is no room called " room)
        rooms[room] = ""
    }
}

{
    was_comment = in_comment
    code = code_of($0)
    if (code ~ /^[ \t]*#[ \t]*include/ && !was_comment) {
        check_include($0)
        next
    }
    if (room != "cli") {
        if (code ~ clock)
            bad("only cli asks the clock")
        if (code ~ environment || code ~ /(^|[^A-Za-z0-9_.>])environ([^A-Za-z0-9_(]|$)/)
            bad("only cli reads the environment")
        # Files of which two share their blocks.
        if (code ~ terminal && !(FILENAME == "src/base/copy.c" && code ~ /ioctl\([^,]*, FICLONE,/))
            bad("only cli knows the terminal")
        # The processes that these two start end themselves.
        if (code ~ ending && !(FILENAME ~ /^src\/op\/(guard|privacy_child)\.c$/ && code ~ /[ \t]_exit\(0\);/))
            bad("only cli ends the process")
    }
    if (room != "cli" && room != "report")
        if (code ~ output || code ~ /(^|[^A-Za-z0-9_])(stdin|stdout|stderr)([^A-Za-z0-9_]|$)/ ||
            code ~ /(^|[^A-Za-z0-9_.>])v?dprintf[ \t]*\([ \t]*[012][ \t]*,/)
            bad("only cli and report print")
    if (FILENAME !~ /^src\/base\/pool[^\/]*$/ && code ~ threads)
        bad("only base/pool makes threads and locks")
    # A process that is forked does not get what comes from there.
    if (FILENAME != "src/sign/locked.c" && code ~ secret)
        bad("only sign/locked takes memory for secrets")
}
AWK

# ---- self-test ---------------------------------------------------------------------------------

# file, a line of it, a part of the sentence that must be said
cases='
src/base/a.c	#include "hash/digest.h"	base must not include from hash
src/hash/a.c	#include "sign/sign.h"	hash must not include from sign
src/sign/a.c	#include "bag/manifest.h"	sign must not include from bag
src/bag/a.c	#include "container/tar.h"	bag must not include from container
src/container/a.h	#include "sign/sign.h"	container must not include from sign
src/bag/b.c	#include "op/create.h"	bag must not include from op
src/record/a.c	#include "bag/seal.h"	record must not include from bag
src/sign/e.c	#include "record/custody.h"	sign must not include from record
src/op/a.c	#include "report/text.h"	op must not include from report
src/op/b.c	#include "cli/options.h"	op must not include from cli
src/report/a.c	#include "bag/manifest.h"	report must not include from bag
src/cli/a.c	#include "container/tar.h"	cli must not include from container
src/cli/b.c	#  include "sign/sign.h" /* why */	cli must not include from sign
src/op/c.c	#include "../cli/options.h"	does not start at a room
src/op/d.c	#include "cellar/wine.h"	names no known room
src/op/e.c	#include <bag/manifest.h>	instead of quotes
src/op/f.c	#include HEADER	not written out
src/cellar/a.c	int wine;	no room called cellar
src/op/g.c	#include <sodium.h>	<sodium.h> is not used
src/base/b.c	#include <sodium/crypto_sign.h>	<sodium/crypto_sign.h> is not used
src/hash/merkle.c	#include <openssl/evp.h>	<openssl/evp.h> is not used
src/sign/sshsig.c	#include <openssl/evp.h>	<openssl/evp.h> is not used
src/hash/b.c	#include <zlib.h>	<zlib.h> is not used
src/op/h.c	#include <archive.h>	<archive.h> is not used
src/op/i.c	#include <archive_entry.h>	<archive_entry.h> is not used
src/container/b.c	#include <pthread.h>	<pthread.h> is not used
src/base/c.c	#include <threads.h>	<threads.h> is not used
src/op/guard.c	#include <seccomp.h>	<seccomp.h> is not used
src/op/guard.c	    exit(0);	ends the process
src/privacy/a.c	#include "container/tar.h"	privacy must not include from container
src/bag/h.c	#include "privacy/privacy.h"	bag must not include from privacy
src/privacy/png.c	#include <archive.h>	<archive.h> is not used
src/privacy/office.c	#include <zlib.h>	<zlib.h> is not used
src/op/s.c	#include <libexif/exif-data.h>	<libexif/exif-data.h> is not used
src/privacy/png.c	#include <expat.h>	<expat.h> is not used
src/op/t.c	#include <qpdf/qpdf-c.h>	<qpdf/qpdf-c.h> is not used
src/op/u.c	#include <dlfcn.h>	<dlfcn.h> is not used
src/privacy/pdf.c	    _exit(0);	ends the process
src/bag/g.c	#include <utf8proc.h>	<utf8proc.h> is not used
src/bag/profile.c	#include <jansson.h>	<jansson.h> is not used
src/report/html.c	#include <qrencode.h>	<qrencode.h> is not used
src/op/j.c	#include <termios.h>	<termios.h> is not used
src/op/k.c	    now = time(NULL);	asks the clock
src/bag/c.c	    if (clock_gettime(CLOCK_REALTIME, &now) < 0)	asks the clock
src/base/d.c	    localtime_r(&t, &parts);	asks the clock
src/sign/b.c	    const char *home = getenv("HOME");	reads the environment
src/sign/c.c	    char **at = environ;	reads the environment
src/op/l.c	    if (isatty (2))	knows the terminal
src/sign/d.c	    tcgetattr(fd, &old);	knows the terminal
src/base/copy.c	    ioctl(fd, TIOCSTI, &c);	knows the terminal
src/op/r.c	    ioctl(to, FICLONE, from);	knows the terminal
src/base/f.c	#include <sys/ioctl.h>	<sys/ioctl.h> is not used
src/op/m.c	    exit(1);	ends the process
src/sign/keyfile.c	    key = sodium_malloc(64);	takes memory for secrets
src/op/n.c	    _exit(1);	ends the process
src/base/e.c	    abort();	ends the process
src/op/o.c	    printf("x");	cli and report print
src/op/p.c	    fprintf(stderr, "x");	cli and report print
src/bag/d.c	    fputs("x", stdout);	cli and report print
src/bag/e.c	    /* a */ puts("x"); /* b	cli and report print
src/bag/f.c	    dprintf(2, "x");	cli and report print
src/op/q.c	    pthread_create(&t, NULL, run, NULL);	makes threads
'

good_tree() {
    mkdir -p "$1"/src/{base,hash,sign,container,bag,record,privacy,op,report,cli}
    cat >"$1/src/base/pool.c" <<'C'
#include "base/pool.h"
#include <pthread.h>
/* Nobody calls exit(1), getenv("HOME")
 * printf("x") or time(NULL) in a comment, */
static const char *text = "abort() and stderr \" exit(2)"; // puts("x")
int run_time(int a) { return snprintf(a, fprintf(file), o.exit(1), o->time(2), my_abort(3)); }
int f(void) { char c = '"'; pthread_join(t, 0); return c; }
C
    printf '#include <openssl/evp.h>\n#include <sodium.h>\n' >"$1/src/hash/digest.c"
    printf '#include <openssl/ts.h>\n#include "hash/digest.h"\n' >"$1/src/sign/timestamp_token.c"
    printf '#include <zlib.h>\n#include <archive.h>\n#include "base/buf.h"\n' >"$1/src/container/tar.c"
    printf '#include <dlfcn.h>\n#include <qpdf/qpdf-c.h>\n#include "base/buf.h"\n' >"$1/src/privacy/pdf.c"
    printf '#include "bag/bag.h"\n#include "container/tar.h"\n#include "sign/sign.h"\n' >"$1/src/op/x.c"
    printf '#include "base/text.h"\nint f(void) { fputs("x", stdout); }\n' >"$1/src/report/text.c"
    printf '#include "op/x.h"\n#include <termios.h>\nint main(void) { exit(time(getenv("A"))); }\n' \
        >"$1/src/cli/main.c"
}

self_test() {
    local file line sentence said failed=0
    good_tree "$scratch/good"
    said=$(violations "$scratch/good")
    if [ -n "$said" ]; then
        printf 'The self-test failed. Nothing is wrong in this tree, but it said:\n%s\n' "$said"
        failed=1
    fi
    while IFS=$'\t' read -r file line sentence; do
        [ -n "$file" ] || continue
        rm -rf "$scratch/bad"
        mkdir -p "$scratch/bad/${file%/*}"
        printf '/* a file */\n%s\n' "$line" >"$scratch/bad/$file"
        said=$(violations "$scratch/bad")
        if [[ $said != "$file":*"$sentence"* ]]; then
            printf 'The self-test failed. In %s the line\n%s\nmust be reported with "%s".\n' \
                "$file" "$line" "$sentence"
            failed=1
        fi
    done <<<"$cases"
    return "$failed"
}

self_test
found=$(violations "$source_dir")
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    echo "The rooms are not apart. CONTRIBUTING.md says what may include and use what."
    exit 1
fi
echo "The rooms are apart in $(wc -l <"$scratch/files") files."
