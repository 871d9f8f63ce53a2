/* Signs a bundle, and tells how long each half of that takes: verifying it, and making the signed
 * one.
 *
 *   bench_sign -j N KEY TRUST BUNDLE OUT      prints both, in microseconds */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sealbag/sealbag.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Between the two. */
static int note_time(void *context, const struct sealbag_sign_request *request)
{
    *(double *)context = now();
    return request->untrusted ? 1 : 0;
}

static int fail(const struct sb_error *error)
{
    fprintf(stderr, "bench_sign: %s\n", error->message);
    return 1;
}

int main(int argc, char **argv)
{
    struct sb_error error = {0};
    struct sealbag_key *key = NULL;
    struct sealbag_trust *trust = NULL;
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_signed made = {0};
    double verified = 0;
    if (argc != 7 || strcmp(argv[1], "-j") != 0) {
        fputs("usage: bench_sign -j N KEY TRUST BUNDLE OUT\n", stderr);
        return 2;
    }
    if (sealbag_key_load(&key, argv[3], NULL, NULL, &error) < 0 ||
        sealbag_trust_load(&trust, argv[4], false, &error) < 0)
        return fail(&error);
    const struct sealbag_sign_options options = {
        .bundle = argv[5],
        .output = argv[6],
        .key = key,
        .time = (int64_t)time(NULL),
        .verify = {.trust = trust, .jobs = (unsigned)atoi(argv[2])},
        .confirm = note_time,
        .confirm_context = &verified,
    };
    double begin = now();
    int r = sealbag_bundle_sign(&made, &verdict, &options, &error);
    double end = now();
    bool good = r == 0 && made.published;
    if (r < 0)
        fail(&error);
    if (good)
        printf("%.0f %.0f\n", verified - begin, end - verified);
    sealbag_verdict_free(verdict);
    sealbag_trust_free(trust);
    sealbag_key_free(key);
    return good ? 0 : 1;
}
