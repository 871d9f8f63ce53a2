/* Handing a trust store on: as a sealed bundle with its two files, and back. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tree.h"
#include "op/trust_store.h"

/* More than any store has; a bundle that says it is one must not fill a disk. */
enum { SHARED_EXPANDED = 64 << 20, SHARED_ENTRIES = 100 };

/* ---- a folder for a while --------------------------------------------------------------- */

struct scratch {
    int parent;
    char name[64];
    struct sb_buf path;
};

static int make_scratch(struct scratch *scratch, const char *folder, struct sb_error *error)
{
    *scratch = (struct scratch){.parent = -1};
    int parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return sb_error_errno(error, errno, "use the folder", folder);
    if (sb_temp_name(scratch->name, sizeof(scratch->name), ".sealbag-") < 0 ||
        mkdirat(parent, scratch->name, 0700) < 0) {
        int r = sb_error_errno(error, errno, "write in the folder", folder);
        close(parent);
        return r;
    }
    scratch->parent = parent;
    return sb_buf_printf(&scratch->path, "%s/%s", folder, scratch->name) < 0
               ? sb_error_memory(error)
               : 0;
}

static void remove_scratch(struct scratch *scratch)
{
    if (scratch->parent >= 0) {
        sb_tree_remove(scratch->parent, scratch->name);
        close(scratch->parent);
    }
    sb_buf_free(&scratch->path);
}

/* ---- export ----------------------------------------------------------------------------- */

/* Only what counts, and no comments, which are not meant for others. */
static int write_texts(struct sb_buf *signers, struct sb_buf *revoked,
                       const struct sealbag_trust *trust)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < trust->store.count; i++) {
        const struct sb_trust_entry *entry = &trust->store.entries[i];
        r = sb_truststore_append(signers, entry->name, &entry->signer, &entry->valid);
    }
    for (size_t i = 0; r == 0 && i < trust->revoked.count; i++)
        r = sb_revoked_append(revoked, &trust->revoked.items[i]);
    return r;
}

static int write_source(const struct scratch *scratch, const char *name, const struct sb_buf *text,
                        struct sb_error *error)
{
    struct sb_buf path = {0};
    int r = sb_buf_printf(&path, "%s/%s", (const char *)scratch->path.data, name) < 0
                ? sb_error_memory(error)
                : sb_file_create((const char *)path.data, 0600, text->data, text->len, error);
    sb_buf_free(&path);
    return r;
}

static int seal_store(struct sealbag_created *out, const struct scratch *scratch,
                      const struct sealbag_trust_exporting *options, struct sb_error *error)
{
    static const char *const info[] = {"External-Description: Trust store of sealbag"};
    const char *sources[] = {(const char *)scratch->path.data};
    const struct sealbag_create_options creating = {
        .output = options->output,
        .sources = sources,
        .source_count = 1,
        .keys = options->keys,
        .key_count = options->key_count,
        .info = info,
        .info_count = 1,
        .time = options->time,
    };
    return sealbag_bundle_create(out, NULL, &creating, error);
}

int sealbag_trust_export(struct sealbag_created *out, const struct sealbag_trust_exporting *options,
                         struct sb_error *error)
{
    struct scratch scratch = {.parent = -1};
    struct sb_buf signers = {0}, revoked = {0};
    struct sealbag_trust *trust = NULL;
    char *folder = NULL, *name = NULL;
    if (options->key_count == 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A trust store is only handed on sealed: name a key.");
    int r = sealbag_trust_load(&trust, options->dir, false, error);
    if (r == 0 && (write_texts(&signers, &revoked, trust) < 0 ||
                   sb_path_split(&folder, &name, options->output) < 0))
        r = sb_error_memory(error);
    if (r == 0 && folder != NULL)
        r = make_scratch(&scratch, folder, error);
    if (r == 0)
        r = write_source(&scratch, SB_TRUST_SIGNERS, &signers, error);
    if (r == 0)
        r = write_source(&scratch, SB_TRUST_REVOKED, &revoked, error);
    if (r == 0)
        r = seal_store(out, &scratch, options, error);
    remove_scratch(&scratch);
    free(folder);
    free(name);
    sb_buf_free(&signers);
    sb_buf_free(&revoked);
    sealbag_trust_free(trust);
    return r;
}

/* ---- import ----------------------------------------------------------------------------- */

/* That the bundle holds a trust store and nothing else. */
static int check_documents(const struct sealbag_verdict *verdict, struct sb_error *error)
{
    if (verdict->documents == 2 && verdict->document != NULL &&
        strcmp(verdict->document[0].path, "data/" SB_TRUST_SIGNERS) == 0 &&
        strcmp(verdict->document[1].path, "data/" SB_TRUST_REVOKED) == 0)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_TRUST,
                        "This bundle does not hold a trust store, which is the two documents "
                        "allowed_signers and revoked_keys. Ask for one that sealbag trust export "
                        "made.");
}

static int read_document(struct sb_buf *out, const char *folder, const char *name,
                         struct sb_error *error)
{
    struct sb_buf path = {0};
    int r = sb_buf_printf(&path, "%s/data/%s", folder, name) < 0
                ? sb_error_memory(error)
                : sb_file_read(out, NULL, (const char *)path.data, SB_TRUST_FILE_MAX, error);
    sb_buf_free(&path);
    return r;
}

/* Both files of the extracted bundle. */
static int read_texts(struct sealbag_trust *out, const char *folder, struct sb_error *error)
{
    struct sb_buf signers = {0}, revoked = {0};
    int r = read_document(&signers, folder, SB_TRUST_SIGNERS, error);
    if (r == 0)
        r = read_document(&revoked, folder, SB_TRUST_REVOKED, error);
    if (r == 0)
        r = sb_truststore_parse(&out->store, signers.data, signers.len,
                                "data/" SB_TRUST_SIGNERS " in the bundle", error);
    if (r == 0)
        r = sb_revoked_parse(&out->revoked, revoked.data, revoked.len,
                             "data/" SB_TRUST_REVOKED " in the bundle", error);
    sb_buf_free(&signers);
    sb_buf_free(&revoked);
    return r;
}

/* Takes the bundle's files out and reads them; only what the verdict is on. 1: it may be used; 0:
 * the verdict does not allow it. */
static int read_shared(struct sealbag_trust *out, struct sealbag_verdict **verdict, int fd,
                       const struct sealbag_trust_importing *options, const struct scratch *scratch,
                       struct sb_error *error)
{
    struct sealbag_extracted extracted = {0};
    struct sealbag_extract_options extracting = {
        .verify = options->verify,
        .directory = (const char *)scratch->path.data,
        .accept_untrusted = options->accept_untrusted,
    };
    extracting.verify.unlisted = false;
    extracting.verify.limits.expanded = SHARED_EXPANDED;
    extracting.verify.limits.entries = SHARED_ENTRIES;
    int r = sealbag_bundle_extract(&extracted, verdict, fd, &extracting, error);
    bool usable = r == 0 && extracted.published;
    if (usable)
        r = check_documents(*verdict, error);
    if (usable && r == 0)
        r = read_texts(out, extracted.folder, error);
    sealbag_extracted_free(&extracted);
    return r < 0 ? r : usable;
}

/* The same revocation, or a stricter one, whatever its reason. */
static bool is_revoked(const struct sb_revoked *revoked, const struct sb_revocation *one)
{
    const struct sb_revocation *old = sb_revoked_strictest(revoked, &one->signer);
    return old != NULL && old->since <= one->since;
}

/* The lines that the own store lacks. A name that has the key with other dates is left as it is,
 * and what is revoked here is not added. */
static int find_missing(struct sb_buf *signers, struct sb_buf *revoked,
                        struct sealbag_trust_imported *out, const struct sealbag_trust *own,
                        const struct sealbag_trust *theirs)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < theirs->store.count; i++) {
        const struct sb_trust_entry *entry = &theirs->store.entries[i];
        const struct sb_trust_entry *old =
            sb_trust_entry_of(&own->store, entry->name, &entry->signer, &entry->valid);
        if (old == NULL && sb_revoked_strictest(&own->revoked, &entry->signer) != NULL) {
            out->revoked++;
        } else if (old == NULL) {
            r = sb_truststore_append(signers, entry->name, &entry->signer, &entry->valid);
            out->names++;
        } else if (!sb_validity_same(&old->valid, &entry->valid)) {
            out->kept++;
        }
    }
    for (size_t i = 0; r == 0 && i < theirs->revoked.count; i++) {
        if (is_revoked(&own->revoked, &theirs->revoked.items[i]))
            continue;
        r = sb_revoked_append(revoked, &theirs->revoked.items[i]);
        out->revocations++;
    }
    return r;
}

static int add_lines(struct sb_buf *text, const struct sb_buf *lines)
{
    int r = 0;
    if (text->len > 0 && text->data[text->len - 1] != '\n')
        r = sb_buf_puts(text, "\n");
    return r == 0 ? sb_buf_append(text, lines->data, lines->len) : r;
}

/* Shows what will be added, and asks. */
static int ask(const struct sb_buf *signers, const struct sb_buf *revoked,
               const struct sealbag_trust_importing *options, const struct sealbag_verdict *verdict,
               struct sb_error *error)
{
    struct sealbag_trust more = {0};
    int r = sb_truststore_parse(&more.store, signers->data, signers->len, "", error);
    if (r == 0)
        r = sb_revoked_parse(&more.revoked, revoked->data, revoked->len, "", error);
    if (r == 0 && options->confirm != NULL &&
        !options->confirm(options->confirm_context, &more, verdict))
        r = sb_error_set(error, SEALBAG_ERR_CANCELLED, "Nothing was added, as you said.");
    sb_truststore_free(&more.store);
    sb_revoked_free(&more.revoked);
    return r;
}

/* Under the lock, from the comparison to the last rename; revocations first. */
static int merge(struct sealbag_trust_imported *out, const struct sealbag_trust *theirs,
                 const struct sealbag_trust_importing *options,
                 const struct sealbag_verdict *verdict, struct sb_error *error)
{
    struct sb_trust_change change = {.lock = -1};
    struct sb_buf signers = {0}, revoked = {0};
    int r = sb_trust_change_begin(&change, options->dir, true, error);
    if (r == 0 && find_missing(&signers, &revoked, out, &change.files.trust, theirs) < 0)
        r = sb_error_memory(error);
    bool any = out->names + out->revocations > 0;
    if (r == 0 && any)
        r = ask(&signers, &revoked, options, verdict, error);
    if (r == 0 && (add_lines(&change.files.signers_text, &signers) < 0 ||
                   add_lines(&change.files.revoked_text, &revoked) < 0))
        r = sb_error_memory(error);
    if (r == 0 && out->revocations > 0)
        r = sb_trust_write_revoked(&change, &change.files.revoked_text, error);
    if (r == 0 && out->names > 0)
        r = sb_trust_write_signers(&change, &change.files.signers_text, error);
    out->changed = r == 0 && any;
    sb_buf_free(&signers);
    sb_buf_free(&revoked);
    sb_trust_change_end(&change);
    return r;
}

int sealbag_trust_import(struct sealbag_trust_imported *out, struct sealbag_verdict **verdict,
                         int fd, const struct sealbag_trust_importing *options,
                         struct sb_error *error)
{
    struct sealbag_trust theirs = {0};
    struct scratch scratch = {.parent = -1};
    *out = (struct sealbag_trust_imported){0};
    *verdict = NULL;
    int r = sb_trust_folder_make(options->dir, error);
    if (r == 0)
        r = make_scratch(&scratch, options->dir, error);
    if (r == 0)
        r = read_shared(&theirs, verdict, fd, options, &scratch, error);
    out->accepted = r > 0;
    if (r > 0)
        r = merge(out, &theirs, options, *verdict, error);
    sb_truststore_free(&theirs.store);
    sb_revoked_free(&theirs.revoked);
    remove_scratch(&scratch);
    return r;
}
