/* The new container, or folder, is looked at before anybody else can: by a process of its own, as
 * the old one was, and it must hold the very same files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bag/index.h"
#include "base/copy.h"
#include "op/repack.h"

/* Every file as it was judged, the additions, and nothing else but an index. */
static bool holds(const struct sb_judge *judge, const struct sb_repack *repack,
                  const struct sb_repack_more *more)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    size_t added = more != NULL ? more->count : 0;
    size_t index = sb_inventory_find(files, SB_INDEX_TSV) != NULL;
    if (files->count != repack->files.count + added + index)
        return false;
    for (size_t i = 0; i < repack->files.count; i++) {
        const struct sb_file *old = &repack->files.files[i];
        const struct sb_file *now = sb_inventory_find(files, old->path);
        if (now == NULL || now->size != old->size ||
            memcmp(now->digest, old->digest, SB_DIGEST_SIZE) != 0)
            return false;
    }
    return sb_append_holds(&judge->scan, &repack->guard.judge.scan,
                           more != NULL ? more->additions : NULL, added);
}

/* The finding that led to the exit code. */
static const char *reason(const struct sb_findings *findings)
{
    size_t i = 0;
    while (i < findings->count && findings->items[i].exit_code != findings->exit_code)
        i++;
    return i < findings->count ? findings->items[i].sentence : "Please report this.";
}

/* `code`: the old one's. */
static int judge_new(const struct sb_repack *repack, struct sb_guard *guard, int code,
                     const struct sb_repack_more *more, struct sb_error *error)
{
    const struct sb_findings *findings = &guard->judge.findings;
    int r = 0;
    /* The documents are those that were judged, as this process has seen while it packed them; what
     * is in a folder, it has not seen. */
    if (guard->options->seal != NULL && !sb_repack_to_folder(repack))
        r = sb_guard_ask(guard, SB_READ_LISTS, error);
    if (r == 0)
        r = sb_guard_ask(guard, SB_READ_ALL, error);
    if (r < 0)
        return r;
    bool verifies = more != NULL ? findings->exit_code == 0 || findings->exit_code == 3
                                 : findings->exit_code == code;
    if (verifies && holds(&guard->judge, repack, more))
        return 0;
    return sb_error_set(error, SEALBAG_ERR_SYSTEM,
                        "The new bag would not verify, so none was made. %s",
                        verifies ? "Please report this." : reason(findings));
}

int sb_repack_look(const struct sb_repack *repack, const struct sb_repack_more *more,
                   struct sb_error *error)
{
    const struct sealbag_verdict *old = repack->verdict;
    struct sealbag_verify_options options = *repack->options.verify;
    struct sb_guard guard = {.inspection = {.provenance = true}};
    struct sb_inspection *inspection = &guard.inspection;
    const char *seal = more != NULL && more->seal != NULL ? more->seal : old->seal_id;
    options.seal = seal[0] != 0 ? seal : NULL;
    if (sb_repack_to_folder(repack)) {
        inspection->fd = openat(repack->staging.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        inspection->start = -1;
        inspection->folder = strdup(repack->name);
        if (inspection->fd < 0)
            sb_error_errno(error, errno, "look at", repack->options.output);
    } else {
        inspection->fd = sb_output_reopen(&repack->output, error);
    }
    int fd = inspection->fd;
    int r = fd < 0 ? SEALBAG_ERR_IO : 0;
    if (r == 0 && sb_repack_to_folder(repack) && inspection->folder == NULL)
        r = sb_error_memory(error);
    if (r == 0)
        r = sb_guard_open(&guard, &options, error);
    if (r == 0)
        r = judge_new(repack, &guard, old->exit_code, more, error);
    sb_guard_close(&guard);
    if (fd >= 0)
        close(fd);
    return r;
}
