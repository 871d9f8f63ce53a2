/* Who makes a seal, and what is said in it: what create and seal have in common; and who adds to
 * one: what sign and custody have in common. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"

static int take_salt(struct sb_sealing *sealing, const char *verb, const char *file)
{
    struct sb_buf text = {0};
    struct sb_error error = {0};
    if (sb_file_read(&text, NULL, file, 4096, &error) < 0) {
        sb_buf_free(&text);
        return sb_cli_fail(&error);
    }
    size_t len = text.len > 0 && text.data[text.len - 1] == '\n' ? text.len - 1 : text.len;
    sealing->salted =
        sb_hex_decode(sealing->salt, sizeof(sealing->salt), (const char *)text.data, len, false);
    sb_buf_free(&text);
    char shown[1000];
    return sealing->salted
               ? 0
               : sb_cli_usage(verb, "%s does not hold a salt: 64 hex digits, in lower case.",
                              sealbag_text_escape(shown, sizeof(shown), file));
}

int sb_sealing_option(struct sb_sealing *sealing, const char *verb, int option, const char *value)
{
    switch (option) {
    case OPT_SEAL_KEY:
        sb_strings_add(&sealing->key_names, value);
        return 0;
    case OPT_SEAL_COSIGNER:
        sb_strings_add(&sealing->cosigner_names, value);
        return 0;
    case OPT_SEAL_TIME:
        return sb_cli_time(&sealing->time, verb, value);
    case OPT_SEAL_SALT:
        return take_salt(sealing, verb, value);
    case OPT_SEAL_SUPERSEDES:
        return sb_typed_hex(sealing->supersedes, value, SB_TYPED_HEX - 1)
                   ? 0
                   : sb_cli_usage(verb, "--supersedes wants a seal id: 64 hex digits.");
    case OPT_SEAL_PASSPHRASE_FD:
    case OPT_SEAL_PASSPHRASE_FILE:
        return sb_passphrases_option(&sealing->from, verb, option == OPT_SEAL_PASSPHRASE_FD, value);
    default:
        return -1;
    }
}

/* Each is given by the fingerprint of his key, or by its file. */
static int find_cosigners(struct sb_sealing *sealing, const char *verb)
{
    size_t count = sealing->cosigner_names.count;
    struct sb_error error = {0};
    sealing->cosigners = calloc(count + 1, sizeof(*sealing->cosigners));
    sealing->cosigner_files = calloc(count + 1, sizeof(*sealing->cosigner_files));
    if (sealing->cosigners == NULL || sealing->cosigner_files == NULL) {
        sb_error_memory(&error);
        return sb_cli_fail(&error);
    }
    for (size_t i = 0; i < count; i++) {
        const char *given = sealing->cosigner_names.items[i];
        struct sealbag_key_file *file = &sealing->cosigner_files[i];
        char shown[1000];
        sealing->cosigners[i] = file->fingerprint;
        if (sb_typed_fingerprint(file->fingerprint, given))
            continue;
        if (strncmp(given, "SHA256:", 7) == 0) {
            sealing->cosigners[i] = given; /* which is refused later */
            continue;
        }
        if (sealbag_key_examine(file, given, NULL, NULL, &error) < 0)
            return sb_cli_fail(&error);
        if (file->fingerprint[0] == 0)
            return sb_cli_usage(verb,
                                "%s is a locked secret key. A cosigner is named by his "
                                "public key.",
                                sealbag_text_escape(shown, sizeof(shown), given));
    }
    sealing->cosigner_count = count;
    return 0;
}

/* Opens all keys before the work starts. */
static int load_keys(struct sb_sealing *sealing)
{
    struct sb_error error = {0};
    sealing->keys = calloc(sealing->key_names.count + 1, sizeof(struct sealbag_key *));
    if (sealing->keys == NULL) {
        sb_error_memory(&error);
        return sb_cli_fail(&error);
    }
    for (size_t i = 0; i < sealing->key_names.count; i++) {
        int code = sb_cli_key_load(&sealing->keys[i], sealing->key_names.items[i], &sealing->from);
        if (code != 0)
            return code;
        sealing->key_count++;
    }
    return 0;
}

int sb_sealing_load(struct sb_sealing *sealing, const char *verb)
{
    int code = find_cosigners(sealing, verb);
    return code == 0 ? load_keys(sealing) : code;
}

void sb_sealing_print(FILE *to, const struct sb_sealing *sealing, const char *seal_id)
{
    for (size_t i = 0; i < sealing->key_count; i++) {
        struct sealbag_key_info info;
        sealbag_key_describe(&info, NULL, sealing->keys[i]);
        fprintf(to, "  Signed by %s\n", info.fingerprint);
    }
    for (size_t i = 0; i < sealing->cosigner_count; i++)
        fprintf(to, "  To sign:  %s (with sealbag sign)\n", sealing->cosigners[i]);
    if (seal_id[0] != 0)
        fprintf(to, "  Seal id:  %s\n", seal_id);
}

void sb_sealing_free(struct sb_sealing *sealing)
{
    for (size_t i = 0; i < sealing->key_count; i++)
        sealbag_key_free(sealing->keys[i]);
    free(sealing->keys);
    free(sealing->cosigners);
    free(sealing->cosigner_files);
    sb_strings_free(&sealing->key_names);
    sb_strings_free(&sealing->cosigner_names);
}

int sb_adding_option(struct sb_adding *adding, const char *verb, int option, const char *value)
{
    int code = 0;
    switch (option) {
    case OPT_ADD_KEY:
        if (adding->key_file != NULL)
            return sb_cli_usage(verb, "One key signs at a time: give --key once.");
        adding->key_file = value;
        break;
    case 'o':
        adding->output = value;
        break;
    case OPT_ADD_TIME:
        code = sb_cli_time(&adding->time, verb, value);
        break;
    case OPT_ADD_UNTRUSTED:
        adding->accept_untrusted = true;
        break;
    case OPT_ADD_YES:
        adding->yes = true;
        break;
    case OPT_ADD_PASSPHRASE_FD:
    case OPT_ADD_PASSPHRASE_FILE:
        code = sb_passphrases_option(&adding->from, verb, option == OPT_ADD_PASSPHRASE_FD, value);
        break;
    default:
        return -1;
    }
    adding->given = true;
    return code;
}
