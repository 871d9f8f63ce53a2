#include "sign/truststore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sign/parse.h"
#include "sign/sshkey.h"

/* The key types that ssh(1) reads in allowed_signers, without certificates: OpenSSH would match
 * the plain key inside of one, so a line with one could stand for a seal and is refused. */
static const char *const other_types[] = {
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};

/* One line, cut into its fields. */
struct fields {
    struct sb_span indent, principals, options, type, base64;
    struct sb_span rest; /* from the end of the principals on */
};

struct place {
    char file[400]; /* escaped */
    size_t line;
    struct sb_error *error;
};

/* `what` completes "line N: "; `text` (may be empty) and `after` go on with it. */
static int refuse_text(const struct place *place, const char *what, struct sb_span text,
                       const char *after, const char *advice)
{
    char shown[SB_SHOWN_SIZE];
    return sb_error_set(place->error, SEALBAG_ERR_TRUST,
                        "%s, line %zu: %s%s%s, so the whole file is refused. %s", place->file,
                        place->line, what, sb_span_show(shown, text), after, advice);
}

static int refuse(const struct place *place, const char *what, const char *advice)
{
    return refuse_text(place, what, (struct sb_span){"", 0}, "", advice);
}

#define CORRECT "Correct the line, or remove it."

/* ---- names ----------------------------------------------------------------------------- */

/* Unicode's White_Space but what sb_code_hidden has. */
static bool is_space(uint32_t code)
{
    return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

static const char *name_bad(struct sb_span name)
{
    if (name.len == 0)
        return "is empty";
    if (name.len > 255)
        return "is longer than 255 bytes";
    if (name.at[0] == '#')
        return "begins with #, as comments do";
    for (size_t at = 0; at < name.len;) {
        uint32_t code = 0;
        size_t n = sb_utf8_decode(&code, name.at + at, name.len - at);
        if (n == 0)
            return "is not UTF-8 text";
        if (is_space(code))
            return "has a space or other white space in it";
        if (sb_code_hidden(code))
            return "has a control or invisible character in it";
        if (code < 0x80 && code != 0 && strchr(",\"*?!", (int)code) != NULL)
            return "has one of the characters , \" * ? ! in it, which have a special meaning";
        at += n;
    }
    return NULL;
}

const char *sb_truststore_name_bad(const char *name)
{
    return name_bad((struct sb_span){name, strlen(name)});
}

/* ---- lines ----------------------------------------------------------------------------- */

static struct sb_span take_spaces(struct sb_span *rest)
{
    struct sb_span spaces = {rest->at, 0};
    while (spaces.len < rest->len && rest->at[spaces.len] == ' ')
        spaces.len++;
    *rest = (struct sb_span){rest->at + spaces.len, rest->len - spaces.len};
    return spaces;
}

/* Up to the next space; one between quotes does not count. */
static struct sb_span take_word(struct sb_span *rest)
{
    struct sb_span word = {rest->at, 0};
    bool quoted = false;
    while (word.len < rest->len && (quoted || rest->at[word.len] != ' ')) {
        if (rest->at[word.len] == '"')
            quoted = !quoted;
        word.len++;
    }
    *rest = (struct sb_span){rest->at + word.len, rest->len - word.len};
    return word;
}

/* Takes the next line without its end. */
static bool take_line(struct sb_span *line, struct sb_span *text)
{
    if (text->len == 0)
        return false;
    *line = sb_span_take(text, '\n');
    return true;
}

static bool is_other_type(struct sb_span word)
{
    for (size_t i = 0; i < sizeof(other_types) / sizeof(other_types[0]); i++) {
        if (sb_span_is(word, other_types[i]))
            return true;
    }
    return false;
}

static bool is_type(struct sb_span word)
{
    return sb_span_is(word, SB_SSH_PLAIN) || sb_span_is(word, SB_SSH_FIDO) || is_other_type(word);
}

/* False for a line without an entry. */
static bool split_line(struct fields *out, struct sb_span line)
{
    *out = (struct fields){0};
    struct sb_span rest = line;
    out->indent = take_spaces(&rest);
    if (rest.len == 0 || rest.at[0] == '#')
        return false;
    out->principals = take_word(&rest);
    out->rest = rest;
    take_spaces(&rest);
    out->type = take_word(&rest);
    take_spaces(&rest);
    if (!is_type(out->type)) {
        out->options = out->type;
        out->type = take_word(&rest);
        take_spaces(&rest);
    }
    out->base64 = take_word(&rest);
    return true;
}

/* namespaces="a,b": whether ours is among them. */
static int check_namespaces(bool *ours, const struct place *place, struct sb_span value)
{
    if (value.at == NULL || value.len < 2 || value.at[0] != '"' || value.at[value.len - 1] != '"')
        return refuse(place, "the namespaces are not written as namespaces=\"name,name\"", CORRECT);
    struct sb_span list = {value.at + 1, value.len - 2};
    *ours = false;
    for (;;) {
        bool more = list.len > 0 && memchr(list.at, ',', list.len) != NULL;
        struct sb_span name = sb_span_take(&list, ',');
        if (name.len == 0)
            return refuse(place, "a namespace is empty", CORRECT);
        for (size_t i = 0; i < name.len; i++) {
            if (strchr(" \"*?!\\", name.at[i]) != NULL)
                return refuse_text(place, "the namespace ", name, " is not a plain name",
                                   "Write plain names, or remove the line.");
        }
        if (sb_span_is(name, SB_SSH_NAMESPACE))
            *ours = true;
        if (!more)
            return 0;
    }
}

static int check_options(bool *ours, const struct place *place, struct sb_span options)
{
    static const char option[] = "namespaces=";
    *ours = true;
    if (options.len == 0)
        return 0;
    if (sb_span_starts(options, option)) {
        const size_t skip = sizeof(option) - 1;
        const char *open = options.len > skip ? options.at + skip : NULL;
        const char *close = NULL;
        if (open != NULL && *open == '"')
            close = memchr(open + 1, '"', options.len - skip - 1);
        size_t used = close != NULL ? (size_t)(close + 1 - options.at) : options.len;
        if (used == options.len)
            return check_namespaces(ours, place, (struct sb_span){options.at + skip, used - skip});
        if (options.at[used] != ',')
            return refuse(place, "the namespaces are not written as namespaces=\"name,name\"",
                          CORRECT);
        options = (struct sb_span){options.at + used + 1, options.len - used - 1};
        if (sb_span_starts(options, option))
            return refuse(place, "the option namespaces is there twice", CORRECT);
    }
    size_t len = 0;
    while (len < options.len && options.at[len] != '=' && options.at[len] != ',')
        len++;
    return refuse_text(place, "the option ", (struct sb_span){options.at, len},
                       " is not understood by this version", "Remove the line or the option.");
}

/* *use: it is an Ed25519 key. Another one must at least be of the type that it says. */
static int check_key(bool *use, struct sb_identity *signer, const struct place *place,
                     const struct fields *fields)
{
    struct sb_span base64 = fields->base64;
    size_t len = 0;
    *use = false;
    if (!sb_base64_size(&len, base64.at, base64.len))
        return refuse(place, "the key is not base64", CORRECT);
    uint8_t *blob = malloc(len + 1);
    if (blob == NULL)
        return sb_error_memory(place->error);
    struct sb_wire wire = {blob, len};
    struct sb_span type = {NULL, 0};
    const char *bad = NULL;
    if (!sb_base64_decode(blob, len, base64.at, base64.len)) {
        bad = "the key is not base64";
    } else if (!is_other_type(fields->type)) {
        *use = sb_ssh_blob_read(signer, blob, len) &&
               sb_identity_is_fido(signer) == sb_span_is(fields->type, SB_SSH_FIDO);
        bad = *use ? NULL : "the key is not an Ed25519 key";
    } else if (!sb_wire_string(&type, &wire) || type.len != fields->type.len ||
               memcmp(type.at, fields->type.at, type.len) != 0) {
        bad = "the key is not of the type that stands before it";
    }
    free(blob);
    return bad != NULL ? refuse(place, bad, CORRECT) : 0;
}

/* ---- parsing --------------------------------------------------------------------------- */

static int add_entry(struct sb_truststore *store, const struct place *place, struct sb_span name,
                     const struct sb_identity *signer)
{
    struct sb_trust_entry *entries =
        sb_array_grow(store->entries, &store->cap, store->count, sizeof(*entries));
    if (entries == NULL)
        return sb_error_memory(place->error);
    store->entries = entries;
    char *copy = sb_arena_copy(&store->strings, name.at, name.len);
    if (copy == NULL)
        return sb_error_memory(place->error);
    struct sb_trust_entry *entry = &entries[store->count++];
    *entry = (struct sb_trust_entry){.name = copy, .signer = *signer, .line = place->line};
    return 0;
}

static int check_names(const struct place *place, struct sb_span names)
{
    for (bool more = true; more;) {
        more = names.len > 0 && memchr(names.at, ',', names.len) != NULL;
        struct sb_span name = sb_span_take(&names, ',');
        const char *bad = name_bad(name);
        char after[128];
        if (bad == NULL)
            continue;
        snprintf(after, sizeof(after), " %s", bad);
        return refuse_text(place, "the name ", name, after,
                           "Correct the name, or remove the line.");
    }
    return 0;
}

static int parse_line(struct sb_truststore *store, const struct place *place, struct sb_span line)
{
    struct fields fields;
    if (line.len > 0 && memchr(line.at, '\r', line.len) != NULL)
        return refuse(place, "the line ends as on Windows (CR)",
                      "Save the file with Unix line ends.");
    if (sb_span_has_control(line, false))
        return refuse(place, "there is a control character, such as a tab, in it", CORRECT);
    if (!sb_utf8_valid(line.at, line.len))
        return refuse(place, "it is not UTF-8 text", CORRECT);
    if (!split_line(&fields, line))
        return 0;
    bool ours = false;
    bool use = false;
    struct sb_identity signer = {0};
    int r = check_names(place, fields.principals);
    if (r == 0 && !is_type(fields.type))
        r = refuse(place, "there is no key of a known type, such as ssh-ed25519", CORRECT);
    if (r == 0)
        r = check_options(&ours, place, fields.options);
    if (r == 0)
        r = check_key(&use, &signer, place, &fields);
    struct sb_span names = fields.principals;
    while (r == 0 && ours && use && names.len > 0)
        r = add_entry(store, place, sb_span_take(&names, ','), &signer);
    return r;
}

int sb_truststore_parse(struct sb_truststore *out, const uint8_t *bytes, size_t len,
                        const char *file, struct sb_error *error)
{
    struct sb_truststore store = {0};
    struct place place = {.line = 1, .error = error};
    struct sb_span text = {(const char *)bytes, len};
    struct sb_span line;
    sealbag_text_escape(place.file, sizeof(place.file), file);
    /* OpenSSH takes the mark as part of the first name and so silently loses that line. */
    if (sb_span_starts(text, "\xef\xbb\xbf"))
        return refuse(&place, "the file begins with a byte order mark",
                      "Save it as UTF-8 without a byte order mark.");
    int r = 0;
    for (; r == 0 && take_line(&line, &text); place.line++)
        r = parse_line(&store, &place, line);
    if (r < 0)
        sb_truststore_free(&store);
    else
        *out = store;
    return r;
}

void sb_truststore_free(struct sb_truststore *store)
{
    free(store->entries);
    sb_arena_free(&store->strings);
    *store = (struct sb_truststore){0};
}

/* ---- changing -------------------------------------------------------------------------- */

/* The namespace keeps the key from being good for anything else, should the file be used with
 * other programs, such as git. */
int sb_truststore_append(struct sb_buf *text, const char *name, const struct sb_identity *signer)
{
    if (sb_truststore_name_bad(name) != NULL)
        return SEALBAG_ERR_USAGE;
    size_t before = text->len;
    int r = 0;
    if (text->len > 0 && text->data[text->len - 1] != '\n')
        r = sb_buf_puts(text, "\n");
    if (r == 0)
        r = sb_buf_printf(text, "%s namespaces=\"" SB_SSH_NAMESPACE "\" ", name);
    if (r == 0)
        r = sb_sshkey_format(text, signer);
    if (r == 0)
        r = sb_buf_puts(text, "\n");
    if (r < 0)
        text->len = before;
    return r;
}

/* Appends the line (with its end, if it has one) as far as it is of others. */
static int copy_others(struct sb_buf *out, size_t *removed, struct sb_span line, size_t ends,
                       const char *name)
{
    struct fields fields;
    if (!split_line(&fields, line))
        return sb_buf_append(out, line.at, line.len + ends);
    size_t kept = 0;
    struct sb_span names = fields.principals;
    int r = 0;
    for (bool more = true; r == 0 && more;) {
        more = memchr(names.at, ',', names.len) != NULL;
        struct sb_span one = sb_span_take(&names, ',');
        if (sb_span_is(one, name)) {
            ++*removed;
            continue;
        }
        if (kept++ == 0)
            r = sb_buf_append(out, fields.indent.at, fields.indent.len);
        else
            r = sb_buf_puts(out, ",");
        if (r == 0)
            r = sb_buf_append(out, one.at, one.len);
    }
    if (r == 0 && kept > 0)
        r = sb_buf_append(out, fields.rest.at, fields.rest.len + ends);
    return r;
}

int sb_truststore_without(struct sb_buf *out, size_t *removed, const uint8_t *bytes, size_t len,
                          const char *name)
{
    struct sb_truststore store = {0};
    int r = sb_truststore_parse(&store, bytes, len, "", NULL);
    sb_truststore_free(&store);
    size_t before = out->len;
    struct sb_span text = {(const char *)bytes, len};
    struct sb_span line;
    *removed = 0;
    while (r == 0 && take_line(&line, &text)) {
        /* only the last line may have no end, and then nothing follows it */
        size_t ends = text.at > line.at + line.len ? 1 : 0;
        r = copy_others(out, removed, line, ends, name);
    }
    if (r < 0)
        out->len = before;
    return r;
}

/* ---- finding --------------------------------------------------------------------------- */

const struct sb_trust_entry *sb_truststore_find(const struct sb_truststore *store,
                                                const struct sb_identity *signer, size_t *at)
{
    while (*at < store->count) {
        const struct sb_trust_entry *entry = &store->entries[(*at)++];
        if (sb_identity_equal(&entry->signer, signer))
            return entry;
    }
    return NULL;
}

const struct sb_identity *sb_truststore_key_by_name(const struct sb_truststore *store,
                                                    const char fp_name[SB_FP_NAME_SIZE])
{
    char name[SB_FP_NAME_SIZE];
    for (size_t i = 0; i < store->count; i++) {
        sb_fingerprint_name(name, &store->entries[i].signer);
        if (memcmp(name, fp_name, SB_FP_NAME_SIZE - 1) == 0)
            return &store->entries[i].signer;
    }
    return NULL;
}
