/* The process that looks into files for the privacy check: it is locked in, and gets each file as
 * an open descriptor. What it says is checked; when it crashes or says nothing, another is started
 * for the next file. */
#ifndef SB_OP_PRIVACY_PROCESS_H
#define SB_OP_PRIVACY_PROCESS_H

#include "op/wire.h"
#include "privacy/privacy.h"

/* Zero-initialise, then set what is given. It is started when it is needed. */
struct sb_privacy_process {
    const char *const *names;
    size_t name_count;
    unsigned seconds;            /* for one file */
    bool (*tick)(void *context); /* called now and then while it works; false: stop */
    void *tick_context;
    bool unconfined;
    bool cancelled;
    /* its own */
    int pid;
    int files; /* this process's end of the socket */
    struct sb_wire answers;
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
