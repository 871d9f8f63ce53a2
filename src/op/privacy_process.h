/* The processes that look into files for the privacy check: they are locked in, and get files as
 * open descriptors. One whose libraries (libqpdf, libexif, expat, libarchive, zlib) have got bytes
 * of a file is ended after it, so that such a file cannot lie about others. What they say is
 * checked. */
#ifndef SB_OP_PRIVACY_PROCESS_H
#define SB_OP_PRIVACY_PROCESS_H

#include "op/privacy_child.h"
#include "op/wire.h"
#include "privacy/privacy.h"

/* Zero-initialise, then set what is given. They are started when they are needed. */
struct sb_privacy_process {
    const char *const *names;
    size_t name_count;
    unsigned seconds;            /* for one file */
    bool (*tick)(void *context); /* called now and then while it works; false: stop */
    void *tick_context;
    bool unconfined;
    bool cancelled;
    /* its own */
    int pid;    /* of the one that starts the others */
    int orders; /* the way to it */
    /* The ways to the others, the oldest first: that is the one that examines. */
    int ready[SB_PRIVACY_PROCESSES];
    unsigned ready_count;
    unsigned ended;         /* get no file any more, and it has not been told so */
    unsigned examined;      /* so many were ended; it does not count far */
    struct sb_wire answers; /* of the one that examines */
    bool met;               /* that one has said that it is locked in */
    bool spent;             /* and that a library has got bytes of the file */
    unsigned ticks;
};

enum {
    SB_PRIVACY_FIELD_MAX = 160,
    SB_PRIVACY_VALUE_MAX = 300,    /* what is longer is cut */
    SB_PRIVACY_FINDINGS_MAX = 100, /* in one file; the same one counts once */
};

/* Why there is no result, when there is none. */
enum sb_privacy_trouble { SB_TROUBLE_NONE, SB_TROUBLE_CRASH, SB_TROUBLE_TIME };

/* Looks into an open file. Findings go to the sink; what it is given is bounded, but not escaped.
 * 0 with either a result or a trouble, or a negative code. */
int sb_privacy_process_examine(enum sb_privacy_result *result, enum sb_privacy_trouble *trouble,
                               struct sb_privacy_process *process, int fd,
                               enum sb_privacy_kind kind, const struct sb_privacy_sink *sink,
                               struct sb_error *error);
void sb_privacy_process_stop(struct sb_privacy_process *process);

#endif
