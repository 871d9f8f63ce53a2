#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "op/trust_store.h"

void sealbag_trust_free(struct sealbag_trust *trust)
{
    if (trust == NULL)
        return;
    sb_truststore_free(&trust->store);
    sb_revoked_free(&trust->revoked);
    free(trust);
}

bool sealbag_trust_writable_by_others(const struct sealbag_trust *trust)
{
    return trust->writable_by_others;
}

int sealbag_trust_load(struct sealbag_trust **out, const char *dir, bool optional,
                       struct sb_error *error)
{
    struct sb_trust_files files;
    struct stat status;
    *out = NULL;
    int r = sb_trust_files_read(&files, dir, error);
    if (r == 0 && !files.signers_there && !optional)
        r = sb_error_errno(error, ENOENT, "open", (const char *)files.signers_path.data);
    struct sealbag_trust *trust = r == 0 ? calloc(1, sizeof(*trust)) : NULL;
    if (r == 0 && trust == NULL)
        r = sb_error_memory(error);
    if (r == 0 && trust != NULL) {
        *trust = files.trust;
        files.trust = (struct sealbag_trust){0};
        trust->writable_by_others =
            (files.mode & 022) != 0 || (stat(dir, &status) == 0 && (status.st_mode & 022) != 0);
    }
    sb_trust_files_free(&files);
    *out = trust;
    return r;
}

/* ---- what is in it ---------------------------------------------------------------------- */

size_t sealbag_trust_count(const struct sealbag_trust *trust)
{
    return trust->store.count + trust->revoked.count;
}

void sealbag_trust_describe(struct sealbag_trust_entry *out, const struct sealbag_trust *trust,
                            size_t index, int64_t time)
{
    const struct sb_revocation *revocation;
    *out = (struct sealbag_trust_entry){.state = SEALBAG_TRUST_UNKNOWN};
    if (index < trust->store.count) {
        const struct sb_trust_entry *entry = &trust->store.entries[index];
        sb_fingerprint_text(out->fingerprint, &entry->signer);
        out->name = entry->name;
        out->valid_after = entry->valid.after;
        out->valid_before = entry->valid.before;
        out->state = sb_validity_state(&entry->valid, time);
        revocation = sb_revoked_strictest(&trust->revoked, &entry->signer);
    } else {
        revocation = &trust->revoked.items[index - trust->store.count];
        sb_fingerprint_text(out->fingerprint, &revocation->signer);
    }
    if (revocation == NULL)
        return;
    if (time <= 0 || time >= revocation->since)
        out->state = SEALBAG_TRUST_REVOKED;
    out->revoked_on = revocation->on;
    out->revoked_since = revocation->since;
    out->reason = revocation->reason;
}
