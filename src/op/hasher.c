#include "op/hasher.h"

#include <stdlib.h>
#include <string.h>

enum { JOB_BYTES = 256 * 1024, JOB_FILES = 256 };

/* Some bytes in a row, and where in them files end. The file that was begun in an earlier job ends
 * at ends[0], or goes on; what stands after the last end goes on in the next job. */
struct job {
    struct sb_task task;
    struct sb_hasher *hasher;
    struct sb_digest *digest;
    uint8_t *bytes;
    size_t len;
    bool continues; /* its first file was begun earlier */
    size_t ends[JOB_FILES];
    uint8_t sha256[JOB_FILES][SB_SHA256_SIZE];
    size_t count;
    int result;
};

struct sb_hasher {
    struct sb_pool *pool;
    struct sb_line line;
    struct sb_digest *stream; /* of the file that goes on from job to job; used in the line */
    struct job *jobs;         /* a ring; jobs[first..first+busy) are at work, the next is filled */
    size_t job_count, first, busy;
    bool open; /* a file was begun in the job that is filled, or before, and has not ended */
    sb_hashed_fn done;
    void *context;
};

/* ---- in the pool ------------------------------------------------------------------------ */

/* The files that begin and end in this job. */
static void hash_whole(struct sb_task *task)
{
    struct job *job = (struct job *)task;
    job->result = 0;
    for (size_t i = job->continues ? 1 : 0; job->result == 0 && i < job->count; i++) {
        size_t start = i > 0 ? job->ends[i - 1] : 0;
        job->result =
            sb_digest_bytes(job->sha256[i], job->digest, job->bytes + start, job->ends[i] - start);
    }
}

/* What has to wait for the jobs before: the file that goes on here, and the one that begins. */
static void hash_rest(struct sb_task *task)
{
    struct job *job = (struct job *)task;
    struct sb_digest *stream = job->hasher->stream;
    int r = job->result;
    size_t at = job->count > 0 ? job->ends[job->count - 1] : 0;
    if (job->continues) {
        size_t end = job->count > 0 ? job->ends[0] : job->len;
        if (r == 0)
            r = sb_digest_update(stream, job->bytes, end);
        if (r == 0 && job->count > 0)
            r = sb_digest_finish(job->sha256[0], stream);
        if (job->count == 0)
            at = job->len;
    }
    if (r == 0 && at < job->len) {
        r = sb_digest_start(stream);
        if (r == 0)
            r = sb_digest_update(stream, job->bytes + at, job->len - at);
    }
    job->result = r;
}

/* ---- the hasher ------------------------------------------------------------------------- */

void sb_hasher_free(struct sb_hasher *hasher)
{
    if (hasher == NULL)
        return;
    for (size_t i = 0; hasher->jobs != NULL && i < hasher->job_count; i++) {
        sb_pool_wait(hasher->pool, &hasher->jobs[i].task);
        sb_digest_free(hasher->jobs[i].digest);
        free(hasher->jobs[i].bytes);
    }
    sb_digest_free(hasher->stream);
    free(hasher->jobs);
    free(hasher);
}

int sb_hasher_new(struct sb_hasher **out, struct sb_pool *pool, sb_hashed_fn done, void *context,
                  struct sb_error *error)
{
    *out = NULL;
    struct sb_hasher *hasher = calloc(1, sizeof(*hasher));
    if (hasher == NULL)
        return sb_error_memory(error);
    hasher->pool = pool;
    hasher->done = done;
    hasher->context = context;
    hasher->job_count = 2 * (size_t)sb_pool_jobs(pool);
    hasher->jobs = calloc(hasher->job_count, sizeof(*hasher->jobs));
    if (hasher->jobs == NULL) {
        sb_hasher_free(hasher);
        return sb_error_memory(error);
    }
    int r = sb_digest_new(&hasher->stream, error);
    for (size_t i = 0; r == 0 && i < hasher->job_count; i++) {
        struct job *job = &hasher->jobs[i];
        job->task.run = hash_whole;
        job->task.then = hash_rest;
        job->hasher = hasher;
        job->bytes = malloc(JOB_BYTES);
        r = job->bytes != NULL ? sb_digest_new(&job->digest, error) : sb_error_memory(error);
    }
    if (r < 0)
        sb_hasher_free(hasher);
    else
        *out = hasher;
    return r;
}

static struct job *filling(struct sb_hasher *hasher)
{
    return &hasher->jobs[(hasher->first + hasher->busy) % hasher->job_count];
}

/* Waits for the oldest job and reports its files. */
static int take_up(struct sb_hasher *hasher, struct sb_error *error)
{
    struct job *job = &hasher->jobs[hasher->first];
    sb_pool_wait(hasher->pool, &job->task);
    if (job->result < 0)
        return sb_digest_failed(error);
    for (size_t i = 0; i < job->count; i++)
        hasher->done(hasher->context, job->sha256[i]);
    hasher->first = (hasher->first + 1) % hasher->job_count;
    hasher->busy--;
    return 0;
}

/* Hands on the job that was filled, and makes room for the next. */
static int hand_on(struct sb_hasher *hasher, struct sb_error *error)
{
    struct job *job = filling(hasher);
    sb_pool_start(hasher->pool, &hasher->line, &job->task);
    hasher->busy++;
    int r = hasher->busy == hasher->job_count ? take_up(hasher, error) : 0;
    if (r < 0)
        return r;
    job = filling(hasher);
    job->len = 0;
    job->count = 0;
    job->continues = hasher->open;
    return 0;
}

int sb_hasher_update(struct sb_hasher *hasher, const void *bytes, size_t len,
                     struct sb_error *error)
{
    const uint8_t *at = bytes;
    hasher->open |= len > 0;
    while (len > 0) {
        struct job *job = filling(hasher);
        size_t n = len < JOB_BYTES - job->len ? len : JOB_BYTES - job->len;
        memcpy(job->bytes + job->len, at, n);
        job->len += n;
        at += n;
        len -= n;
        int r = job->len == JOB_BYTES ? hand_on(hasher, error) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int sb_hasher_finish(struct sb_hasher *hasher, struct sb_error *error)
{
    struct job *job = filling(hasher);
    job->ends[job->count++] = job->len;
    hasher->open = false;
    return job->count == JOB_FILES ? hand_on(hasher, error) : 0;
}

int sb_hasher_drain(struct sb_hasher *hasher, struct sb_error *error)
{
    int r = filling(hasher)->count > 0 || filling(hasher)->len > 0 ? hand_on(hasher, error) : 0;
    while (r == 0 && hasher->busy > 0)
        r = take_up(hasher, error);
    return r;
}
