/* Runs inspections in a process of their own, which can do nothing but read the open bundle and
 * write beneath the staging folder. What it says comes through a pipe and is checked; signatures
 * and trust are judged here, over the bytes of seal.txt that it gives. */
#ifndef SB_OP_GUARD_H
#define SB_OP_GUARD_H

#include "base/sandbox.h"
#include "op/inspect.h"

struct sb_guard_child;

/* Zero-initialise, then set `inspection`. */
struct sb_guard {
    struct sb_inspection inspection;
    struct sb_judge judge; /* what the last request gave */
    const struct sealbag_verify_options *options;
    struct sb_guard_child *child; /* NULL: the inspection is made in this process */
    bool unconfined;              /* it can do more than it should */
};

/* The options are borrowed. Close it in any case. */
int sb_guard_open(struct sb_guard *guard, const struct sealbag_verify_options *options,
                  struct sb_error *error);
/* As sb_inspect; when it judged, signatures and trust are judged too. 0 also when the lists alone
 * are not good enough to be relied on. */
int sb_guard_ask(struct sb_guard *guard, enum sb_request request, struct sb_error *error);
/* The verdict on what was asked last, which takes over the judge's findings and inventory. */
int sb_guard_verdict(struct sealbag_verdict **out, struct sb_guard *guard, struct sb_error *error);
/* The same; only so many documents were read. */
int sb_guard_partial_verdict(struct sealbag_verdict **out, struct sb_guard *guard,
                             uint64_t documents, struct sb_error *error);
/* Before what was written is published: from now on nobody else can change it, and nothing more can
 * be asked. */
void sb_guard_stop(struct sb_guard *guard);
void sb_guard_close(struct sb_guard *guard);

#endif
