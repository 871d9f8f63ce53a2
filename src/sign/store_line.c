#include "sign/store_line.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int sb_store_refuse_text(const struct sb_store_place *place, const char *what, struct sb_span text,
                         const char *after, const char *advice)
{
    char shown[SB_SHOWN_SIZE];
    return sb_error_set(place->error, SEALBAG_ERR_TRUST,
                        "%s, line %zu: %s%s%s, so the whole file is refused. %s", place->file,
                        place->line, what, sb_span_show(shown, text), after, advice);
}

int sb_store_refuse(const struct sb_store_place *place, const char *what, const char *advice)
{
    return sb_store_refuse_text(place, what, (struct sb_span){"", 0}, "", advice);
}

int sb_store_start(struct sb_store_place *place, struct sb_span *text, const uint8_t *bytes,
                   size_t len, const char *file, struct sb_error *error)
{
    *place = (struct sb_store_place){.line = 1, .error = error};
    *text = (struct sb_span){(const char *)bytes, len};
    sealbag_text_escape(place->file, sizeof(place->file), file);
    /* OpenSSH takes the mark as part of the first line and so silently loses that one. */
    if (sb_span_starts(*text, "\xef\xbb\xbf"))
        return sb_store_refuse(place, "the file begins with a byte order mark",
                               "Save it as UTF-8 without a byte order mark.");
    return 0;
}

bool sb_store_next(struct sb_span *line, struct sb_span *text)
{
    if (text->len == 0)
        return false;
    *line = sb_span_take(text, '\n');
    return true;
}

int sb_store_check_line(const struct sb_store_place *place, struct sb_span line)
{
    if (line.len > 0 && memchr(line.at, '\r', line.len) != NULL)
        return sb_store_refuse(place, "the line ends as on Windows (CR)",
                               "Save the file with Unix line ends.");
    if (sb_span_has_control(line, false))
        return sb_store_refuse(place, "there is a control character, such as a tab, in it",
                               SB_STORE_CORRECT);
    if (!sb_utf8_valid(line.at, line.len))
        return sb_store_refuse(place, "it is not UTF-8 text", SB_STORE_CORRECT);
    return 0;
}

struct sb_span sb_store_take_spaces(struct sb_span *rest)
{
    struct sb_span spaces = {rest->at, 0};
    while (spaces.len < rest->len && rest->at[spaces.len] == ' ')
        spaces.len++;
    *rest = (struct sb_span){rest->at + spaces.len, rest->len - spaces.len};
    return spaces;
}

struct sb_span sb_store_take_word(struct sb_span *rest)
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

int sb_store_read_key(struct sb_identity *signer, const struct sb_store_place *place,
                      struct sb_span type, struct sb_span base64)
{
    size_t len = 0;
    if (!sb_base64_size(&len, base64.at, base64.len))
        return sb_store_refuse(place, "the key is not base64", SB_STORE_CORRECT);
    uint8_t *blob = malloc(len + 1);
    if (blob == NULL)
        return sb_error_memory(place->error);
    struct sb_wire wire = {blob, len};
    struct sb_span said = {NULL, 0};
    const char *bad = NULL;
    if (!sb_base64_decode(blob, len, base64.at, base64.len)) {
        bad = "the key is not base64";
    } else if (sb_span_is(type, SB_SSH_PLAIN) || sb_span_is(type, SB_SSH_FIDO)) {
        bool good = sb_ssh_blob_read(signer, blob, len) &&
                    sb_identity_is_fido(signer) == sb_span_is(type, SB_SSH_FIDO);
        bad = good ? NULL : "the key is not an Ed25519 key";
    } else if (!sb_wire_string(&said, &wire) || said.len != type.len ||
               memcmp(said.at, type.at, said.len) != 0) {
        bad = "the key is not of the type that stands before it";
    }
    free(blob);
    return bad != NULL ? sb_store_refuse(place, bad, SB_STORE_CORRECT) : 0;
}

const char *sb_store_name_bad(struct sb_span name)
{
    if (name.len == 0)
        return "is empty";
    if (name.len > 255)
        return "is longer than 255 bytes";
    if (name.at[0] == '#')
        return "begins with #, as comments do";
    if (sb_span_starts(name, "SHA256:"))
        return "begins with SHA256:, as fingerprints do";
    for (size_t at = 0; at < name.len;) {
        uint32_t code = 0;
        size_t n = sb_utf8_decode(&code, name.at + at, name.len - at);
        if (n == 0)
            return "is not UTF-8 text";
        if (sb_code_space(code))
            return "has a space or other white space in it";
        if (sb_code_hidden(code))
            return "has a control or invisible character in it";
        if (code < 0x80 && code != 0 && strchr(",\"*?!", (int)code) != NULL)
            return "has one of the characters , \" * ? ! in it, which have a special meaning";
        at += n;
    }
    return NULL;
}
