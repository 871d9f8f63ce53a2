/* How to check the bundle without sealbag: commands with its real names. docs/format.md, Checking a
 * bag without sealbag. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/html.h"
#include "report/shell.h"

/* Signers that the commands are written out for; the others go the same way. */
enum { SIGNERS_MAX = 10 };

static void begin_commands(struct sb_page *page, const char *text)
{
    sb_html_raw(page, "<li><p>");
    sb_html_text(page, text);
    sb_html_raw(page, "</p>\n<pre><code>");
}

static void end_commands(struct sb_page *page)
{
    sb_html_raw(page, "</code></pre></li>\n");
}

/* A command of one line, with one word in it that comes from outside. */
static void quoted(struct sb_page *page, const char *before, const char *word, const char *after)
{
    struct sb_buf out = {0};
    if (sb_shell_quote(&out, word) < 0)
        sb_html_raw(page, "...");
    sb_html_text(page, before);
    if (out.data != NULL)
        sb_html_text(page, (const char *)out.data);
    sb_html_text(page, after);
    sb_html_raw(page, "\n");
    sb_buf_free(&out);
}

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void go_there(struct sb_page *page)
{
    begin_commands(page, SB_TR(page, "In the folder that the bag is in:"));
    quoted(page, "cd -- ", page->verdict->name, "");
    end_commands(page);
}

/* From standard input: so no name is taken for an option or for another machine's file. */
static void unpack(struct sb_page *page)
{
    const char *name = page->label;
    char path[8192];
    snprintf(path, sizeof(path), "../%s", strcmp(name, "-") == 0 ? "BUNDLE.tar.gz" : name);
    begin_commands(page, SB_TR(page, "In the folder with the bundle: unpack it into a new, empty "
                                     "folder, since tar unpacks before anything is checked."));
    sb_html_raw(page, "mkdir check &amp;&amp; cd check\n");
    if (ends_in(name, ".zip"))
        quoted(page, "bsdtar -xf - <", path, "");
    else if (ends_in(name, ".tar.zst") || ends_in(name, ".tzst"))
        quoted(page, "zstd -dc <", path, " | tar -xf -");
    else
        quoted(page, "gzip -dc <", path, " | tar -xf -");
    quoted(page, "cd -- ", page->verdict->name, "");
    end_commands(page);
}

static int base64_value(char c)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != 0 ? strchr(letters, c) : NULL;
    return at != NULL ? (int)(at - letters) : -1;
}

/* The 32 bytes of "SHA256:" and 43 letters in hex: as sha256sum shows them, and, in the first half,
 * as the signature files are called. */
static bool digest_of(char hex[65], const char *fingerprint)
{
    uint8_t bytes[33];
    uint32_t bits = 0;
    size_t used = 0, held = 0;
    if (strlen(fingerprint) != SEALBAG_FINGERPRINT_SIZE - 1)
        return false;
    for (const char *at = fingerprint + 7; *at != 0; at++) {
        int value = base64_value(*at);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[used++] = (uint8_t)(bits >> held);
        }
    }
    sb_hex_encode(hex, bytes, 32);
    return used == 32;
}

/* The key stands in the signature's comment; what it is follows from its digest. */
static void check_minisign(struct sb_page *page, const char *hex)
{
    begin_commands(page, SB_TR(page, "Check the signature with minisign. The key is taken out of "
                                     "the signature file; if nothing stands there, put the "
                                     "signer's own public key in its place."));
    fprintf(page->to,
            "key=$(sed -n &#39;s/^trusted comment:.*key:\\([A-Za-z0-9+/=]*\\).*/\\1/p&#39; "
            "seal/%.32s.minisig)\n"
            "minisign -V -m seal/seal.txt -x seal/%.32s.minisig -P &#34;$key&#34;\n",
            hex, hex);
    end_commands(page);
    begin_commands(page, SB_TR(page, "Anybody can make a key. This must print the digits below it: "
                                     "they are the fingerprint of the table above, in another "
                                     "writing."));
    fprintf(page->to,
            "{ printf &#39;\\0\\0\\0\\013ssh-ed25519\\0\\0\\0\\040&#39;; printf %%s "
            "&#34;$key&#34; | base64 -d | tail -c 32; } | sha256sum\n"
            "# %s\n",
            hex);
    end_commands(page);
}

static void check_sshsig(struct sb_page *page, const struct sealbag_signature *signature,
                         const char *hex)
{
    begin_commands(page, SB_TR(page, "Check the signature with ssh-keygen."));
    quoted(page, "echo ", signature->public_key, " >../key.pub");
    sb_html_raw(page, "echo &#34;signer namespaces=\\&#34;seal@sealbag\\&#34; "
                      "$(cat ../key.pub)&#34; &gt;../allowed\n");
    fprintf(page->to,
            "ssh-keygen -Y verify -f ../allowed -I signer -n seal@sealbag \\\n"
            "    -s seal/%.32s.sshsig &lt;seal/seal.txt\n",
            hex);
    end_commands(page);
    begin_commands(page, SB_TR(page, "Anybody can make a key. This must print the fingerprint "
                                     "below it, which is that of the table above."));
    sb_html_raw(page, "ssh-keygen -lf ../key.pub\n# ");
    sb_html_foreign(page, signature->fingerprint);
    sb_html_raw(page, "\n");
    end_commands(page);
}

static void check_signatures(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    unsigned shown = 0;
    char hex[65];
    for (size_t i = 0; i < verdict->signature_count && shown < SIGNERS_MAX; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        if (signature->state != SEALBAG_SIGNATURE_VALID ||
            !digest_of(hex, signature->fingerprint) || signature->public_key == NULL)
            continue;
        if (strcmp(signature->kind, "minisign") == 0)
            check_minisign(page, hex);
        else
            check_sshsig(page, signature, hex);
        shown++;
    }
}

static void check_seal(struct sb_page *page)
{
    begin_commands(page, SB_TR(page, "The seal id must be the one of this report."));
    fprintf(page->to, "sha256sum seal/seal.txt\n# %s\n", page->verdict->seal_id);
    end_commands(page);
    check_signatures(page);
    begin_commands(page, SB_TR(page, "The signed text names the digest of two files. Both commands "
                                     "must print the same digits."));
    sb_html_raw(page, "cat seal/salt.txt seal/cover-sha256.txt | sha256sum\n"
                      "grep ^Cover: seal/seal.txt\n");
    end_commands(page);
    begin_commands(page, SB_TR(page, "Of these two files one lists everything but the documents. "
                                     "All must be OK."));
    sb_html_raw(page, "sha256sum --quiet -c seal/cover-sha256.txt &amp;&amp; echo OK\n");
    end_commands(page);
}

/* A bag of another program can have manifests with other digests, which are told by their names as
 * the tools are. If it is sealed, there is one of SHA-256. */
static void check_documents(struct sb_page *page)
{
    begin_commands(page, SB_TR(page, "The manifest lists the documents. All must be OK."));
    if (page->sealed)
        sb_html_raw(page, "list=seal/manifest-sha256.txt; test -e $list || list=${list#*/}\n"
                          "sha256sum --quiet -c $list &amp;&amp; echo OK\n");
    else
        sb_html_raw(page, "for list in manifest-*.txt; do\n"
                          "    kind=${list#manifest-}\n"
                          "    &#34;${kind%.txt}sum&#34; --quiet -c &#34;$list&#34; &amp;&amp; "
                          "echo OK\ndone\n");
    end_commands(page);
    begin_commands(page, SB_TR(page, "Files that are listed nowhere would not be noticed so. The "
                                     "commands must print the same number."));
    sb_html_raw(page, "find data -type f -print0 | tr -dc &#39;\\0&#39; | wc -c\n");
    sb_html_raw(page, page->sealed ? "wc -l &lt;$list\n" : "wc -l manifest-*.txt\n");
    end_commands(page);
}

void sb_html_by_hand(struct sb_page *page)
{
    if (!page->tells)
        return;
    sb_html_section(page, "by-hand", SB_TR(page, "How to check it without sealbag"));
    sb_html_element(page, "p",
                    SB_TR(page, "With tools that every Linux system has or can install, in a "
                                "terminal with bash. Type or copy the commands one after the "
                                "other."));
    sb_html_raw(page, "<ol class=\"steps\">\n");
    if (page->verdict->folder)
        go_there(page);
    else
        unpack(page);
    if (page->sealed)
        check_seal(page);
    check_documents(page);
    sb_html_raw(page, "</ol>\n");
    sb_html_element(page, "p",
                    SB_TR(page, "A manifest writes a percent sign and line ends in names in "
                                "another way than sha256sum (%25, %0A, %0D); check such a document "
                                "by the digest in the table above. The script check-by-hand.sh of "
                                "sealbag does all of this and more."));
    sb_html_raw(page, "</section>\n");
}
