/* SPDX-License-Identifier: ISC
 *
 * privacy.h: the part of sealbag.h about what files tell, beside what they are meant to, of the
 * people who made them: places, names, serial numbers, addresses. Documents are only read.
 */
#ifndef SEALBAG_PRIVACY_H
#define SEALBAG_PRIVACY_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sealbag_privacy_finding {
    const char *rule;     /* static, stable: "privacy.location" */
    const char *file;     /* as the user would name it; raw */
    const char *field;    /* escaped; "" when the whole file is meant */
    const char *value;    /* escaped and shortened; "" when there is none */
    const char *sentence; /* escaped, with file, field and value */
    bool in_text;         /* in a label or a cell of the records, not in a file */
};

/* Files that were not looked into, by the ending of their names. */
struct sealbag_privacy_kind {
    char ending[12]; /* ".txt", escaped; "" for all others */
    uint64_t files;
};

enum { SEALBAG_PRIVACY_KINDS = 24 };

/* Zero-initialise, set what is asked, free with sealbag_privacy_free. */
struct sealbag_privacy {
    /* Asked. Names to look for, such as the login name; borrowed. */
    const char *const *names;
    size_t name_count;
    unsigned seconds; /* for one file; 0: 20 */
    unsigned jobs;    /* threads of sealbag_privacy_check; 0: one */
    /* Found; freed by sealbag_privacy_free. Files in their order, findings as they are in them. */
    struct sealbag_privacy_finding *findings;
    size_t count;
    uint64_t omitted;  /* findings beyond those: too many to keep */
    uint64_t files;    /* all */
    uint64_t examined; /* those that were looked into */
    uint64_t files_found;
    uint64_t texts_found; /* labels, and cells of records; only from create */
    uint64_t encrypted;   /* those that nobody can look into without a password */
    struct sealbag_privacy_kind kinds[SEALBAG_PRIVACY_KINDS]; /* the most frequent first */
    size_t kind_count;
    bool unconfined; /* the process that read them could do more than it should */
    struct sealbag_privacy_store *store;
};

/* Looks into the files of folders, or files, and into their names. What cannot be examined, also
 * because it makes a parser crash, is a finding. 0, or a negative code when there is no result;
 * `check` is to be freed in any case. */
int sealbag_privacy_check(struct sealbag_privacy *check, const char *const *sources, size_t count,
                          sealbag_progress_fn progress, void *progress_context,
                          struct sb_error *error);
void sealbag_privacy_free(struct sealbag_privacy *check);

/* Writes findings, one sentence a line, and a summary of what was found and what cannot be seen.
 * Of many findings of one kind some are shown and the others counted, unless `all`. `intro` begins
 * each line. */
void sealbag_privacy_write(FILE *to, const struct sealbag_privacy *check, bool all,
                           const char *intro);
/* The same as one JSON object, with all findings. Documented in sealbag(1). */
void sealbag_privacy_write_json(FILE *to, const struct sealbag_privacy *check);

#ifdef __cplusplus
}
#endif

#endif
