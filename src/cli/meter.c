/* Progress of long work: one line on a terminal, nothing in a pipe. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void sb_meter_start(struct sb_meter *meter, bool quiet, uint64_t time_limit)
{
    *meter = (struct sb_meter){.shown = !quiet && isatty(STDERR_FILENO) != 0};
    meter->time_limit = (double)time_limit;
    meter->started = meter->last = seconds_now();
}

static void draw(const struct sealbag_progress *now, double elapsed)
{
    char done[SB_SIZE_TEXT], total[SB_SIZE_TEXT], rate[SB_SIZE_TEXT];
    double speed = elapsed > 0 ? (double)now->bytes / elapsed : 0;
    fprintf(stderr, "\r\033[K%s", sb_text_size(done, now->bytes));
    if (now->bytes_total >= now->bytes && now->bytes > 0)
        fprintf(stderr, " of %s (%u %%)", sb_text_size(total, now->bytes_total),
                (unsigned)(100.0 * (double)now->bytes / (double)now->bytes_total));
    fprintf(stderr, ", %llu files, %s/s", (unsigned long long)now->files,
            sb_text_size(rate, speed < 1e18 ? (uint64_t)speed : 0));
    if (now->bytes_total > now->bytes && speed > 0) {
        double left = (double)(now->bytes_total - now->bytes) / speed;
        if (left < 1e9)
            fprintf(stderr, ", %u:%02u left", (unsigned)(left / 60), (unsigned)left % 60);
    }
    (void)fflush(stderr);
}

int sb_meter_tick(void *context, const struct sealbag_progress *now)
{
    struct sb_meter *meter = context;
    if (meter->shown || meter->time_limit > 0) {
        double time = seconds_now();
        meter->late = meter->time_limit > 0 && time - meter->started > meter->time_limit;
        /* Short work shows nothing. */
        if (meter->shown && time - meter->last >= 0.2 && time - meter->started >= 1.0) {
            meter->last = time;
            meter->drawn = true;
            draw(now, time - meter->started);
        }
    }
    return meter->late || sb_process_stopped() ? 1 : 0;
}

void sb_meter_clear(struct sb_meter *meter)
{
    if (meter->drawn)
        fputs("\r\033[K", stderr);
    meter->drawn = false;
}

void sb_meter_explain(struct sb_error *error, const struct sb_meter *meter)
{
    if (error->code != SEALBAG_ERR_CANCELLED || !meter->late)
        return;
    sb_limit_reached(error, "time", (uint64_t)meter->time_limit,
                     "Reading the bundle took more seconds than it may");
}
